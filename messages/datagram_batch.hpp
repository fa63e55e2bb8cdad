// What ingest hands to the parser: raw datagrams in one arena.
#pragma once

#include "messages/clock.hpp"
#include "messages/credit.hpp"
#include "messages/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace signalbox {

/// One datagram inside a batch's arena.
struct datagram {
  std::uint32_t offset = 0; ///< Of the first byte in `datagram_batch::bytes`.
  std::uint32_t length = 0; ///< In bytes; what was kept of it.
  endpoint source;
  wall_time received;     ///< Kernel receive time (SO_TIMESTAMPNS).
  bool oversized = false; ///< Longer than `max_datagram`; the rest is gone.
};

/// Up to `max_datagrams` datagrams. Filled by one ingest, immutable once sent.
struct datagram_batch {
  static constexpr std::size_t max_datagrams = 64;

  /// Bytes readable past the end of the last datagram, as simdjson's
  /// On-Demand parser wants (SIMDJSON_PADDING).
  static constexpr std::size_t padding = 64;

  /// All datagrams back to back, then `padding` zero bytes.
  std::vector<char> bytes;
  std::vector<datagram> items;
  credit_token credit;

  [[nodiscard]] std::string_view text_of(const datagram& x) const noexcept {
    return {bytes.data() + x.offset, x.length};
  }
};

using datagram_batch_ptr = std::shared_ptr<datagram_batch>;

} // namespace signalbox
