// Events travel in batches: one arena of text, and events that point into it.
#pragma once

#include "messages/credit.hpp"
#include "messages/datagram_batch.hpp"
#include "messages/event.hpp"

#include <cstddef>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox {

/// A batch of events. Exactly one actor owns it until it is journaled; from
/// then on it is shared and immutable (`event_batch_ptr`).
class event_batch {
public:
  event_batch() = default;

  /// @param wire Datagrams that events may point into; kept alive.
  explicit event_batch(datagram_batch_ptr wire) : wire_(std::move(wire)) {
    // nop
  }

  /// @param blob Text that events may point into, `blob()`; kept alive.
  explicit event_batch(std::string blob) : blob_(std::move(blob)) {
    // nop
  }

  event_batch(const event_batch&) = delete;
  event_batch& operator=(const event_batch&) = delete;

  /// Copies `text` into the arena; the view lives as long as the batch.
  std::string_view keep(std::string_view text);

  /// Copies attributes (not their text) into the arena.
  std::span<const attribute> keep(std::span<const attribute> xs);

  [[nodiscard]] std::string_view blob() const noexcept {
    return blob_;
  }

  /// Bytes of memory that the batch keeps alive.
  [[nodiscard]] std::size_t bytes() const noexcept;

  std::vector<event> events;

  /// Given back when the batch is journaled or dropped.
  credit_token credit;

private:
  datagram_batch_ptr wire_;
  std::string blob_;
  std::size_t kept_ = 0;
  std::pmr::monotonic_buffer_resource arena_;
};

/// A batch on its way through the pipeline, with one owner.
using event_batch_builder = std::shared_ptr<event_batch>;

/// A journaled batch, shared by all readers.
using event_batch_ptr = std::shared_ptr<const event_batch>;

} // namespace signalbox
