// Source allow-lists.
#pragma once

#include "messages/endpoint.hpp"
#include "messages/failure.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace signalbox::net {

/// An address block of either family: "10.0.0.0/8", "::1", "fe80::/10".
class cidr {
public:
  static result<cidr> parse(std::string_view text);

  /// IPv4 blocks hold IPv4-mapped IPv6 addresses, too.
  [[nodiscard]] bool contains(const endpoint& x) const noexcept;

private:
  endpoint base_;
  unsigned bits_ = 128; ///< Of the IPv4-mapped or IPv6 form.
};

} // namespace signalbox::net
