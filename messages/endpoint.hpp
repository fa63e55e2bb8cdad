// Where a datagram came from.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

namespace signalbox {

/// An IP address and a UDP port. IPv4 addresses are kept in their IPv4-mapped
/// IPv6 form (::ffff:a.b.c.d, RFC 4291), so that there is one form to compare.
struct endpoint {
  std::array<std::uint8_t, 16> address{}; ///< Network byte order.
  std::uint16_t port = 0;                 ///< Host byte order.

  auto operator<=>(const endpoint&) const = default;
};

/// The address without the port: "10.0.0.7" or "fe80::1".
std::string address_text(const endpoint& x);

} // namespace signalbox
