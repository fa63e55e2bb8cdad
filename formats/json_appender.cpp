#include "formats/json_appender.hpp"

#include <cstring>

namespace signalbox {

namespace {

/// What a JSON string cannot hold as it is (RFC 8259, 7).
constexpr bool is_special(char x) {
  return static_cast<unsigned char>(x) < 0x20 || x == '"' || x == '\\';
}

/// The same of eight bytes at once: not 0 if any of them is special.
constexpr std::uint64_t any_special(std::uint64_t x) {
  constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
  constexpr std::uint64_t high_bits = 0x80 * ones;
  // A byte below `n`, which is at most 128, borrows and has no high bit itself.
  const auto any_below = [](std::uint64_t bytes, std::uint64_t n) {
    return (bytes - ones * n) & ~bytes & high_bits;
  };
  return any_below(x, 0x20) | any_below(x ^ (ones * '"'), 1)
         | any_below(x ^ (ones * '\\'), 1);
}

std::size_t plain_prefix(std::string_view x) noexcept {
  std::size_t n = 0;
  for (std::uint64_t word = 0; n + sizeof(word) <= x.size();
       n += sizeof(word)) {
    std::memcpy(&word, x.data() + n, sizeof(word));
    if (any_special(word) != 0)
      break;
  }
  while (n < x.size() && !is_special(x[n]))
    ++n;
  return n;
}

} // namespace

void json_appender::put_escaped(std::string_view x) {
  put('"');
  for (;;) {
    const auto n = plain_prefix(x);
    put(x.substr(0, n));
    if (n == x.size())
      break;
    put_escape(x[n]);
    x.remove_prefix(n + 1);
  }
  put('"');
}

void json_appender::put_escape(char x) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  constexpr std::string_view named = "\"\\\b\f\n\r\t";
  constexpr std::string_view names = "\"\\bfnrt";
  put('\\');
  if (const auto i = named.find(x); i != named.npos) {
    put(names[i]);
    return;
  }
  const auto byte = static_cast<unsigned char>(x);
  put("u00");
  put(hex[byte >> 4]);
  put(hex[byte & 0xF]);
}

} // namespace signalbox
