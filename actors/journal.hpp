// The JOURNAL actor: the log that everything on its right pulls from.
#pragma once

#include "messages/actors.hpp"
#include "policy/ledger.hpp"
#include "policy/log_budget.hpp"
#include "storage/log_tail.hpp"
#include "storage/pull.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox {

/// What the journal starts with.
struct journal_plan {
  storage::log_options options;
  bool durable = true;       ///< The store keeps what is written.
  storage::recovered former; ///< What the store held.
  store_actor writer;
  store_actor reader;
};

struct journal_state {
  static inline constexpr const char* name = "journal";

  /// A reader that is waiting for events.
  struct waiting_pull {
    storage::pull what;
    caf::typed_response_promise<slice_ptr> promise;
  };

  std::unique_ptr<storage::log_tail> log;
  store_actor writer;
  store_actor reader;
  std::shared_ptr<books> ledger;
  std::vector<waiting_pull> hungry;
  /// When those are told of events that they have no use for.
  mono_time tell_all = mono_time::max();
  /// Those that the store could not feed: asked again at the next check.
  std::vector<waiting_pull> turned_away;
  /// Of batches that came while memory was short: given back once there is
  /// room, so that senders slow down before events are dropped.
  std::vector<credit_token> held;
  /// The last batches, for those who start to watch; about `recent_events`.
  std::deque<stored_batch> recent;
  std::size_t recent_count = 0;
  signalbox::ledger counted; ///< As last written; without destinations.
  mono_time next_wake = mono_time::max(); ///< Of the timer that is set.
  mono_time next_check;
  std::uint64_t lost_letters = 0; ///< As last told.
  bool shedding = false;          ///< As the log last said.
  bool shed_lately = false;       ///< Since the last check,
  bool kept_lately = false;       ///< likewise.
  log_budget sheddings;
  std::string refused;      ///< Why the store could not write; empty: it can.
  std::string read_refused; ///< The same for reading.
  std::uint64_t commits = 0;
  std::uint64_t told_dropped = 0; ///< Events whose loss is in the log.
  log_budget drops;
  std::optional<caf::typed_response_promise<caf::ok_atom>> closing;
};

/// Events kept for those who start to watch.
inline constexpr std::size_t recent_events = 50;

/// @param plan Taken apart: it is empty afterwards.
journal_actor::behavior_type
journal(journal_actor::stateful_pointer<journal_state> self,
        const std::shared_ptr<journal_plan>& plan,
        std::shared_ptr<books> ledger);

} // namespace signalbox
