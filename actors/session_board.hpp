// The SESSION BOARD actor: has a destination show who is active now.
#pragma once

#include "actors/transports.hpp"
#include "destinations/session_publisher.hpp"
#include "messages/actors.hpp"
#include "policy/backoff.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <optional>
#include <string>

namespace signalbox {

struct session_board_state {
  static inline constexpr const char* name = "session_board";

  // Not an aggregate: CAF would initialise the first member with `self`.
  session_board_state() = default;

  std::string destination;
  std::unique_ptr<session_publisher> publisher;
  transport_ptr wire;
  telemetry_actor telemetry;
  session_picture_ptr picture;            ///< The latest.
  bool busy = false;                      ///< A request is under way.
  mono_time not_before;                   ///< The next one.
  mono_time probe_at;                     ///< If nothing changes until then.
  mono_time next_wake = mono_time::max(); ///< Of the timer that is set.
  std::optional<backoff> pauses;
  std::string refused; ///< Why the last request failed; empty: it did not.
};

/// @param destination Its name, for the log.
session_board_actor::behavior_type
session_board(session_board_actor::stateful_pointer<session_board_state> self,
              std::string destination,
              std::unique_ptr<session_publisher> publisher, transport_ptr wire,
              telemetry_actor telemetry);

} // namespace signalbox
