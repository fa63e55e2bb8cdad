// The journal's vocabulary: places in the log.
//
// Every event has a sequence number; numbers are dense, from 1. A batch covers
// [first, first + size). A cursor says which events a reader is done with.
#pragma once

#include "messages/event_batch.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace signalbox {

using sequence = std::uint64_t;

/// Events [first, end).
struct sequence_range {
  sequence first = 0;
  sequence end = 0;

  bool operator==(const sequence_range&) const = default;
};

/// What a reader is done with: everything before `next`, and ranges `beyond`
/// it that were finished out of order (sorted, disjoint).
struct cursor {
  sequence next = 1;
  std::vector<sequence_range> beyond;

  bool operator==(const cursor&) const = default;
};

/// A batch with its place in the log.
struct stored_batch {
  sequence first = 0; ///< Of the first event of the batch.
  event_batch_ptr batch;

  [[nodiscard]] sequence end() const noexcept {
    return first + batch->events.size();
  }
};

/// A piece of the log: all that is known of the events of [from, end).
struct slice {
  sequence from = 1; ///< As asked for.
  sequence end = 1;  ///< At most the end of the last batch, or of a gap.
  /// Batches that hold events of [from, end), in order; the first may begin
  /// before `from`. Events of [from, end) that are in no batch are gone:
  /// dropped for want of room, too old, damaged, or lost in a crash.
  std::vector<stored_batch> batches;
  /// Except those before this one: whoever asked has no use for them.
  sequence wanted_from = 1;
};

using slice_ptr = std::shared_ptr<const slice>;

/// What became of the events that a destination is done with.
struct passed_terms {
  std::uint64_t not_matched = 0;
  std::uint64_t delivered = 0;
  std::uint64_t folded = 0;
  std::uint64_t dead_lettered = 0;
  std::uint64_t expired = 0;
  std::uint64_t dropped = 0;

  [[nodiscard]] std::uint64_t total() const noexcept {
    return not_matched + delivered + folded + dead_lettered + expired + dropped;
  }

  bool operator==(const passed_terms&) const = default;
};

/// How far a reader has come. The terms count exactly the events that the
/// cursor has passed since the reader exists, so that the books balance after
/// any restart. Readers that are no destinations (lamps, the dashboard) keep
/// them at zero.
struct position {
  cursor where;
  passed_terms terms;

  bool operator==(const position&) const = default;
};

/// What the log holds.
struct log_extent {
  sequence oldest = 1; ///< The oldest event still there; `next` if none is.
  sequence next = 1;   ///< The number that the next event gets.
  std::size_t bytes = 0;
};

} // namespace signalbox
