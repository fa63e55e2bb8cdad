#include "net/cidr.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include <arpa/inet.h>

namespace signalbox::net {

namespace {

using address_bytes = std::array<std::uint8_t, 16>;

constexpr unsigned mapped_bits = 96;

constexpr std::array<std::uint8_t, mapped_bits / 8> mapped_prefix{
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_v4(const address_bytes& x) {
  return std::equal(mapped_prefix.begin(), mapped_prefix.end(), x.begin());
}

/// What the first `bits` of byte `index` leave when they are kept.
std::uint8_t mask_of(std::size_t index, unsigned bits) {
  const auto first = static_cast<unsigned>(index) * 8;
  const auto kept = bits <= first ? 0 : std::min(8U, bits - first);
  return static_cast<std::uint8_t>(0xff00U >> kept);
}

address_bytes masked(address_bytes x, unsigned bits) {
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] &= mask_of(i, bits);
  return x;
}

std::optional<address_bytes> parse_address(std::string_view text) {
  // inet_pton would stop at a NUL and accept what precedes it.
  if (text.find('\0') != std::string_view::npos)
    return std::nullopt;
  const std::string terminated{text};
  address_bytes x{};
  if (inet_pton(AF_INET6, terminated.c_str(), x.data()) == 1)
    return x;
  std::copy(mapped_prefix.begin(), mapped_prefix.end(), x.begin());
  if (inet_pton(AF_INET, terminated.c_str(), x.data() + mapped_prefix.size())
      == 1)
    return x;
  return std::nullopt;
}

std::optional<unsigned> parse_length(std::string_view text) {
  unsigned x = 0;
  const auto* end = text.data() + text.size();
  if (const auto [rest, error] = std::from_chars(text.data(), end, x);
      error != std::errc{} || rest != end)
    return std::nullopt;
  return x;
}

} // namespace

result<cidr> cidr::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  const auto quoted = "'" + std::string{text.substr(0, 64)} + "'";
  if (!address)
    return fail(errc::bad_config,
                quoted
                  + " is not an address block; write it like 10.0.0.0/8, "
                    "192.0.2.7 or fe80::/10");
  const auto v4_literal = text.find(':') == std::string_view::npos;
  const auto offset = v4_literal ? mapped_bits : 0;
  auto bits = 128U;
  if (slash != std::string_view::npos) {
    const auto length = parse_length(text.substr(slash + 1));
    if (!length || *length > 128 - offset)
      return fail(errc::bad_config, quoted + " needs a prefix length from 0 to "
                                      + std::to_string(128 - offset)
                                      + " after the slash");
    bits = *length + offset;
  }
  cidr block;
  block.base_.address = masked(*address, bits);
  block.bits_ = bits;
  if (block.base_.address != *address)
    return fail(errc::bad_config, quoted + " has bits beyond its prefix; write "
                                    + address_text(block.base_) + "/"
                                    + std::to_string(bits - offset)
                                    + " for the block, or leave the prefix off "
                                      "for the one address");
  return block;
}

bool cidr::contains(const endpoint& x) const noexcept {
  const auto v4_block = bits_ >= mapped_bits && is_v4(base_.address);
  return is_v4(x.address) == v4_block
         && masked(x.address, bits_) == base_.address;
}

} // namespace signalbox::net
