// The JOURNAL actor: the log that everything on its right pulls from.
#pragma once

#include "messages/actors.hpp"
#include "policy/ledger.hpp"
#include "storage/store.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace signalbox {

struct journal_state {
  static inline constexpr const char* name = "journal";

  /// A reader that is waiting at the end of the log.
  struct waiting_pull {
    sequence from;
    std::uint32_t most;
    caf::typed_response_promise<slice_ptr> promise;
  };

  storage::store_ptr store;
  std::shared_ptr<books> ledger;
  std::vector<waiting_pull> hungry;
  /// The last batches, for those who start to watch; about `recent_events`.
  std::deque<stored_batch> recent;
  std::size_t recent_count = 0;
  bool shedding = false;
};

/// Events kept for those who start to watch.
inline constexpr std::size_t recent_events = 50;

journal_actor::behavior_type
journal(journal_actor::stateful_pointer<journal_state> self,
        storage::store_ptr store, std::shared_ptr<books> ledger);

} // namespace signalbox
