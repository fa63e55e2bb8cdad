// Whom the supervisor hires and dismisses: destinations, lamps, listeners.
#pragma once

#include "actors/supervisor.hpp"

#include <chrono>
#include <string>

namespace signalbox {

/// What carries out a driver's requests, as it has chosen; null if that cannot
/// be, which the log says.
/// @param whose For the log: "destination 'hook'".
transport_ptr open_transport(supervisor_ptr self, const std::string& whose,
                             transport_choice choice);

/// Spawns what does not run of a destination that is known by name.
void start_destination(supervisor_ptr self, const std::string& name);

/// Lets a destination answer what is out, then end; then it becomes what
/// `next` says, or is forgotten.
void end_destination(supervisor_ptr self, const std::string& name,
                     std::optional<destination_plan> next);

void start_light(supervisor_ptr self, const std::string& name);
void end_light(supervisor_ptr self, const std::string& name,
               std::optional<light_plan> next);

/// Starts it again in a moment, by the name that `start_again` takes; however
/// often it is asked for until then, once.
void start_later(supervisor_ptr self, const std::string& name,
                 duration pause = std::chrono::seconds(1));

/// Starts what waits to be started again, by the name that it is known by to
/// the journal: a destination, "light:" and a lamp, or the sessions.
void start_again(supervisor_ptr self, const std::string& name);

/// Starts to read a listener's sockets.
void start_listener(supervisor_ptr self, bound_listener& x);

/// Takes what the kernel still holds, passes it on, and closes the sockets.
void end_listener(supervisor_ptr self, const bound_listener& x);

/// Lets a listener read datagrams as its plan says from now on.
void change_listener(supervisor_ptr self, bound_listener& x,
                     const listener_plan& plan);

/// A destination or a lamp has ended, as it was told or by itself; false if
/// it is neither.
bool replace_the_ended(supervisor_ptr self, const caf::down_msg& x);

/// Core actors end the engine with them.
template <class Handle>
Handle watch_core(supervisor_ptr self, Handle x, std::string name) {
  self->monitor(x);
  self->state.core.emplace(x.address(), std::move(name));
  return x;
}

} // namespace signalbox
