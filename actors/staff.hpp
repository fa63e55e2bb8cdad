// Whom the supervisor hires and dismisses: destinations, lamps, listeners.
#pragma once

#include "actors/supervisor.hpp"

#include <string>

namespace signalbox {

/// Spawns a destination that is known by name and does not run.
void start_destination(supervisor_ptr self, const std::string& name);

/// Lets a destination answer what is out, then end; then it becomes what
/// `next` says, or is forgotten.
void end_destination(supervisor_ptr self, const std::string& name,
                     std::optional<destination_plan> next);

void start_light(supervisor_ptr self, const std::string& name);
void end_light(supervisor_ptr self, const std::string& name,
               std::optional<light_plan> next);

/// Starts what waits to be started again, by the name that it is known by to
/// the journal: a destination, or "light:" and a lamp.
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
