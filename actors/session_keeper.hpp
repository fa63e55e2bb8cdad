// The SESSION KEEPER actor: the snapshot of the active users on disk.
#pragma once

#include "messages/actors.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <string>

namespace signalbox {

struct session_keeper_state {
  static inline constexpr const char* name = "session_keeper";

  // Not an aggregate: CAF would initialise the first member with `self`.
  session_keeper_state() = default;

  std::string file;
  std::string refused; ///< Why it cannot be written; empty: it can.
};

/// Spawn it detached: it waits for the disk.
session_keeper_actor::behavior_type session_keeper(
  session_keeper_actor::stateful_pointer<session_keeper_state> self,
  std::string file);

} // namespace signalbox
