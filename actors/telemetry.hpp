// The TELEMETRY actor: how everybody is doing, and who watches events arrive.
#pragma once

#include "messages/actors.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <map>
#include <string>
#include <vector>

namespace signalbox {

struct telemetry_state {
  static inline constexpr const char* name = "telemetry";

  // Not an aggregate: CAF would initialise the first member with `self`.
  telemetry_state() = default;

  journal_actor journal;
  std::map<std::string, listener_status> listeners;
  std::map<std::string, destination_status> destinations;
  std::map<std::string, light_status> lights;
  journal_status log;
  session_picture_ptr sessions;
  /// Of those who wait for another picture.
  std::vector<caf::typed_response_promise<session_picture_ptr>> curious;
  std::vector<event_feed_ptr> watchers;
  bool following = false; ///< A reader of the journal, while anybody watches.
  sequence next = 1;      ///< The first event that watchers have not seen.
};

telemetry_actor::behavior_type
telemetry(telemetry_actor::stateful_pointer<telemetry_state> self,
          journal_actor journal);

} // namespace signalbox
