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

/// A piece of the log.
struct slice {
  /// Batches that hold events at or after the asked-for sequence, in order;
  /// the first may begin before it.
  std::vector<stored_batch> batches;
  /// The sequence asked for, or the oldest event still there if that is later:
  /// the ones between were dropped.
  sequence from = 1;
};

using slice_ptr = std::shared_ptr<const slice>;

/// What the log holds.
struct log_extent {
  sequence oldest = 1; ///< The oldest event still there.
  sequence next = 1;   ///< The number that the next event gets.
  std::size_t bytes = 0;
};

} // namespace signalbox
