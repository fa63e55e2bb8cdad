// Source allow-lists.
#pragma once

#include "messages/endpoint.hpp"
#include "messages/failure.hpp"

#include <string_view>

namespace signalbox::net {

/// An address block of either family: "10.0.0.0/8", "::1", "fe80::/10".
class cidr {
public:
  /// Reads an address with an optional prefix length. An address with bits
  /// beyond its prefix ("10.0.0.1/8") is refused, with what it probably meant:
  /// an allow-list must not guess. Zones ("fe80::1%eth0") are refused, too.
  static result<cidr> parse(std::string_view text);

  /// The families are apart: an IPv4 block holds IPv4-mapped IPv6 addresses,
  /// too, and an IPv6 block never holds an IPv4 address, not even "::/0".
  [[nodiscard]] bool contains(const endpoint& x) const noexcept;

private:
  endpoint base_;
  unsigned bits_ = 128; ///< Of the IPv4-mapped or IPv6 form.
};

} // namespace signalbox::net
