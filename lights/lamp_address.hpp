// Where a lamp of its own protocol is: `address = "host[:port]"`.
#pragma once

#include "config/section.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::lights {

struct lamp_address {
  std::string host; ///< A name, an IPv4 or an IPv6 address.
  std::uint16_t port = 0;
};

/// "192.168.0.20", "lamp.lan:55443", "[fd00::20]". Null if the key is absent,
/// or after a mistake.
std::optional<lamp_address> read_address(config::section& options,
                                         std::string_view key,
                                         std::uint16_t default_port);

} // namespace signalbox::lights
