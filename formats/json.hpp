// Events as JSON objects: our own, CloudEvents around them, and Butler SOS's.
#pragma once

#include "formats/reject.hpp"
#include "messages/event.hpp"
#include "messages/event_batch.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace signalbox {

/// Reads JSON objects into events. Keeps its buffers between calls; not
/// thread-safe.
class json_reader {
public:
  /// An event with more unknown members is rejected.
  static constexpr std::size_t most_attributes = 128;

  json_reader();
  ~json_reader();
  json_reader(json_reader&&) noexcept;

  /// Reads one object into `x`, whose text is kept in `out`.
  /// @param text Followed by `datagram_batch::padding` readable bytes.
  /// @return A reject if `text` is not exactly one event.
  std::optional<reject> read(std::string_view text, event_batch& out, event& x);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace signalbox
