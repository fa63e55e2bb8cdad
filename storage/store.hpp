// The journal's interface to whatever keeps the events. No actor, no thread:
// all calls come from the `journal` actor.
#pragma once

#include "messages/clock.hpp"
#include "messages/failure.hpp"
#include "messages/log.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace signalbox::storage {

/// An append-only log of event batches with a cursor per reader.
class store {
public:
  virtual ~store() = default;

  /// Appends a batch; its first event gets `holds().next`. Fails with
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

  [[nodiscard]] virtual log_extent holds() const = 0;
};

using store_ptr = std::unique_ptr<store>;

} // namespace signalbox::storage
