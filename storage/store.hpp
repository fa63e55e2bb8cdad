// The journal's interface to whatever keeps the events. No actor, no thread:
// all calls come from the `journal` actor.
//
// Every event has a sequence number; numbers are dense, from 1. A batch covers
// [first, first + size). A cursor says which events a reader is done with.
#pragma once

#include "messages/event_batch.hpp"
#include "messages/failure.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::storage {

using sequence = std::uint64_t;

/// A batch with its place in the log.
struct stored_batch {
  sequence first = 0; ///< Of the first event of the batch.
  event_batch_ptr batch;

  [[nodiscard]] sequence end() const noexcept {
    return first + batch->events.size();
  }
};

/// What a reader is done with: everything before `next`, and `beyond` it the
/// events that were finished out of order (sorted).
struct cursor {
  sequence next = 1;
  std::vector<sequence> beyond;

  bool operator==(const cursor&) const = default;
};

/// A piece of the log.
struct slice {
  /// Batches that hold events at or after the asked-for sequence, in order;
  /// the first may begin before it.
  std::vector<stored_batch> batches;
  /// The oldest event still there when it is later than what was asked for:
  /// the ones between were dropped. Otherwise the sequence asked for.
  sequence from = 0;
};

/// What the store holds.
struct extent {
  sequence oldest = 1; ///< The oldest event still there.
  sequence next = 1;   ///< The number that the next event gets.
  std::size_t bytes = 0;
};

/// An append-only log of event batches with a cursor per reader.
class store {
public:
  virtual ~store() = default;

  /// Appends a batch; its first event gets `extent().next`. Fails with
  /// `errc::full` when the bound is reached and nothing may be dropped.
  virtual result<sequence> append(event_batch_ptr batch, wall_time now) = 0;

  /// Up to `max_events` events (at least one batch) from `from` on; empty at
  /// the end of the log.
  virtual result<slice> read(sequence from, std::size_t max_events) = 0;

  /// Where a reader left off; empty if it is new.
  virtual result<std::optional<cursor>> load(const std::string& reader) = 0;

  /// Moves a reader's cursor.
  virtual result<void> advance(const std::string& reader, const cursor& to) = 0;

  /// Forgets a reader, so that it no longer holds events back.
  virtual result<void> forget(const std::string& reader) = 0;

  /// Frees what every reader is done with, and what is beyond the bounds of
  /// size (when the oldest may be dropped) and age.
  virtual result<void> truncate(wall_time now) = 0;

  [[nodiscard]] virtual extent holds() const = 0;
};

} // namespace signalbox::storage
