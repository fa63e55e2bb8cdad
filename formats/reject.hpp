// Why bytes are no event.
#pragma once

#include <cstdint>
#include <string_view>

namespace signalbox {

/// Why a datagram is no event; the ledger's terms.
enum class reject_reason : std::uint8_t {
  malformed, ///< No known form, or a field is missing or of a wrong type.
  oversized, ///< Longer than `max_datagram`.
  source,    ///< The sender is not on the listener's allow-list.
  encoding,  ///< Not text in the promised encoding.
  count,
};

std::string_view to_string(reject_reason x) noexcept;

/// A datagram, or one record of it, that was not understood.
struct reject {
  reject_reason why = reject_reason::malformed;
  std::string_view detail; ///< Static text for the log: "command is missing".
};

} // namespace signalbox
