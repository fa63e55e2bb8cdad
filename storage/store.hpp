// The journal's interface to whatever survives the process. No actor.
//
// The journal itself keeps the recent tail of the log in memory, decides what
// has to be written and when, and never waits: it calls `write`, `mark` and
// `purge` from one thread and `read` and `letters` from another.
#pragma once

#include "messages/clock.hpp"
#include "messages/dead_letter.hpp"
#include "messages/failure.hpp"
#include "messages/log.hpp"
#include "policy/ledger.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::storage {

/// What is written in one step: all of it, or nothing.
struct commit {
  /// In order, without gaps between them. Empty for most destinations that
  /// keep up: what everyone is done with is never written.
  std::vector<stored_batch> batches;
  sequence next = 1; ///< The number that the next event gets.
  sequence done = 1; ///< Events before it are needed no more.
  /// The oldest leave beyond so many bytes of events (the file takes up to a
  /// fifth more, and keeps its size); 2⁶⁴ - 1: none does, and
  /// whoever writes looks at `log_extent::bytes`, and stops.
  std::uint64_t max_bytes = std::numeric_limits<std::uint64_t>::max();
  duration max_age = std::chrono::hours(7 * 24); ///< Older ones leave, too.
  std::vector<std::pair<std::string, position>> readers; ///< That moved.
  std::vector<std::string> gone;       ///< Readers that are forgotten.
  std::vector<dead_letter> buried;     ///< With an `id`: buried once more.
  std::vector<std::uint64_t> absolved; ///< Letters that were delivered.
  std::vector<sequence> damaged;       ///< Batches to set aside, by `first`.
  ledger counters;                     ///< Without its destinations.
  wall_time now;
};

/// What a write came to.
struct written {
  log_extent log; ///< Of the store, not of the journal's memory.
  /// What a person should know: damage that was found, named and set aside.
  std::vector<std::string> findings;
};

/// What a former process left.
struct recovered {
  log_extent log;
  std::map<std::string, position> readers;
  ledger counters;
  std::vector<std::string> findings; ///< As in `written`.
  /// Of readers whose names are lost, too: whoever is not known begins again
  /// with what is still there.
  bool places_lost = false;
};

/// What was read.
struct reading {
  slice piece;
  /// Batches that were there but are damaged, by `first`: they are not in the
  /// piece. Set them aside with the next `commit`.
  std::vector<sequence> damaged;
  std::vector<std::string> findings; ///< As in `written`.
};

/// Thread-safe in so far as one thread may read while another writes.
class store {
public:
  virtual ~store() = default;

  /// Whether batches are worth writing: false for one that forgets them.
  [[nodiscard]] virtual bool is_durable() const = 0;

  /// Once, before everything else: what is there. After it the store is ready.
  virtual result<recovered> recover() = 0;

  /// Writes and syncs, then frees what is not needed and what is beyond the
  /// bounds of size and age. Fails with `errc::full` when there is no room and
  /// with `errc::file` when the medium refuses; then nothing was changed, and
  /// it is worth trying again.
  virtual result<written> write(const commit& x) = 0;

  /// What is known of events from `from` on and before `until`: up to
  /// `max_events` of them, but at least one batch. `from` < `until`.
  virtual result<reading> read(sequence from, sequence until,
                               std::size_t max_events) = 0;

  virtual result<letter_page> letters(const letter_query& which) = 0;

  /// Marks letters to be sent again, except digests, which have no events;
  /// answers how many.
  virtual result<std::uint64_t> mark(const letter_query& which) = 0;

  /// Deletes letters for good; answers how many.
  virtual result<std::uint64_t> purge(const letter_query& which) = 0;
};

using store_ptr = std::unique_ptr<store>;

} // namespace signalbox::storage
