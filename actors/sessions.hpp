// The SESSIONS actor: counts who is active now, as the journal tells it, and
// has it kept across restarts.
#pragma once

#include "messages/actors.hpp"
#include "policy/session_table.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <optional>
#include <string>

namespace signalbox {

/// As a reader of the journal; no destination can be called so.
inline constexpr auto sessions_reader = "sessions:";

/// What it starts with.
struct sessions_plan {
  session_table::options table;
  sequence from = 1; ///< Where it stands in the journal, as `watch` said.
  journal_actor journal;
  telemetry_actor telemetry;
  session_keeper_actor keeper; ///< Null: nothing is kept.
  /// The time that expiries are measured with: that of the events.
  std::function<wall_time()> wall;
};

struct sessions_state {
  static inline constexpr const char* name = "sessions";

  // Not an aggregate: CAF would initialise the first member with `self`.
  sessions_state() = default;

  sessions_plan plan;
  session_table table;
  bool begun = false; ///< The last snapshot is known, or that there is none.
  sequence next = 1;  ///< The first event that is not counted yet.
  mono_time last_report;
  bool report_set = false; ///< A timer will report.
  mono_time last_keep;
  bool keep_set = false; ///< A timer will have it kept.
  bool keeping = false;  ///< The keeper has not answered yet.
  /// The most that has happened since.
  session_table::effect unkept = session_table::effect::none;
  std::optional<sequence> end; ///< Where to stop, once told to.
  bool ended = false;          ///< The last snapshot is with the keeper.
  std::optional<caf::typed_response_promise<caf::ok_atom>> closing;
};

sessions_actor::behavior_type
sessions(sessions_actor::stateful_pointer<sessions_state> self,
         sessions_plan plan);

} // namespace signalbox
