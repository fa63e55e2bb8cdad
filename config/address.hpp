// Addresses as they stand in the file, checked as text; sockets are net/'s.
#pragma once

#include "messages/failure.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox::config {

/// An IP address and a port.
struct address {
  std::string host; ///< Without brackets.
  std::uint16_t port = 0;

  bool operator==(const address&) const = default;
};

// A failure's text follows the quoted value in a sentence: "'::1'" "has no
// port …". It never repeats the value.

/// "127.0.0.1:9796" or "[::]:9997". Port 0 means any free one.
result<address> parse_address(std::string_view text);

/// Whether an address block is well formed: "10.0.0.0/8", "::1".
result<void> check_network(std::string_view text);

/// Whether only this machine can reach the address (127.0.0.0/8, ::1).
bool is_loopback(std::string_view host);

} // namespace signalbox::config
