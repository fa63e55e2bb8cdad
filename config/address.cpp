#include "config/address.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <system_error>

#include <arpa/inet.h>

namespace signalbox::config {

namespace {

using ip_bytes = std::array<std::uint8_t, 16>;

/// IPv4 addresses in their IPv4-mapped form (RFC 4291, 2.5.5.2).
std::optional<ip_bytes> parse_ip(std::string_view text) {
  ip_bytes bytes{};
  std::string host{text}; // inet_pton wants a terminated string
  if (inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1)
    return bytes;
  bytes[10] = bytes[11] = 0xff;
  if (inet_pton(AF_INET, host.c_str(), &bytes[12]) == 1)
    return bytes;
  return std::nullopt;
}

template <class Int>
std::optional<Int> parse_number(std::string_view digits) {
  Int value = 0;
  const auto* last = digits.data() + digits.size();
  auto [end, error] = std::from_chars(digits.data(), last, value);
  if (error != std::errc{} || end != last || digits.empty())
    return std::nullopt;
  return value;
}

tl::unexpected<failure> wrong(const char* why) {
  return fail(errc::bad_config, why);
}

} // namespace

result<address> parse_address(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos || text.ends_with(']'))
    return wrong("has no port; write it like \"127.0.0.1:9997\"");
  auto host = text.substr(0, colon);
  if (host.empty())
    return wrong("has no host; \"[::]\" in front listens everywhere");
  auto bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed)
    host = host.substr(1, host.size() - 2);
  auto is_v6 = host.find(':') != std::string_view::npos;
  if (is_v6 && !bracketed)
    return wrong("needs brackets around its IPv6 address, like \"[::1]:9997\"");
  if (is_v6 != bracketed || !parse_ip(host))
    return wrong("holds no IP address; write it like \"127.0.0.1:9997\" or "
                 "\"[::]:9997\"");
  auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
  if (!port)
    return wrong("has a wrong port; ports go from 1 to 65535, 0 is any free "
                 "one");
  return address{std::string{host}, *port};
}

result<void> check_network(std::string_view text) {
  auto slash = text.find('/');
  auto host = text.substr(0, slash);
  if (!parse_ip(host))
    return wrong("is no address block; write it like \"10.0.0.0/8\" or "
                 "\"::1\"");
  if (slash == std::string_view::npos)
    return {};
  auto is_v6 = host.find(':') != std::string_view::npos;
  auto bits = parse_number<unsigned>(text.substr(slash + 1));
  if (!bits || *bits > (is_v6 ? 128U : 32U))
    return wrong(is_v6 ? "has a wrong prefix; IPv6 has 0 to 128 bits"
                       : "has a wrong prefix; IPv4 has 0 to 32 bits");
  return {};
}

bool is_loopback(std::string_view host) {
  auto bytes = parse_ip(host);
  if (!bytes)
    return false;
  constexpr ip_bytes v6_loopback{0, 0, 0, 0, 0, 0, 0, 0,
                                 0, 0, 0, 0, 0, 0, 0, 1};
  constexpr ip_bytes v4_loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127};
  return *bytes == v6_loopback
         || std::equal(bytes->begin(), bytes->begin() + 13,
                       v4_loopback.begin());
}

} // namespace signalbox::config
