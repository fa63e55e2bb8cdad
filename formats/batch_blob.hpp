// Events as one flat blob, the same for disk and network.
//
// magic "SBB", a version byte, a checksum of all that follows (XXH3, 64 bits),
// the number of the first event, the number of events, then the events. All
// numbers are little-endian; docs/architecture.md describes every byte.
#pragma once

#include "messages/event_batch.hpp"
#include "messages/failure.hpp"
#include "messages/log.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace signalbox {

/// Puts events one after the other into a blob. Not thread-safe.
class blob_writer {
public:
  /// @param first The place in the log of the first event.
  explicit blob_writer(sequence first);

  void add(const event& x);

  [[nodiscard]] std::size_t events() const noexcept;

  /// Bytes so far.
  [[nodiscard]] std::size_t bytes() const noexcept;

  /// The blob; begins the next one, whose first event follows the last.
  std::string finish();

private:
  sequence first_;
  std::size_t events_ = 0;
  std::string bytes_; ///< Begins with room for what stands before the events.
};

/// Takes a blob apart. No text is copied: the batch keeps the blob, and its
/// events point into it. Fails with `errc::malformed`, in words for a person,
/// when the blob is damaged, of a later version, or does not begin at `first`;
/// never reads beyond its bytes, whatever they are.
result<event_batch_builder> decode_blob(std::string bytes, sequence first);

} // namespace signalbox
