#include "formats/json_appender.hpp"

#include <cstring>

namespace signalbox {

namespace {

/// What a JSON string cannot hold as it is (RFC 8259, 7).
constexpr bool is_special(char x) {
  return static_cast<unsigned char>(x) < 0x20 || x == '"' || x == '\\';
}

/// Bytes that are checked at once: GCC and Clang make one instruction of each
/// operation, on any processor.
using bytes [[gnu::vector_size(16)]] = unsigned char;

/// Copies sixteen bytes; true if none of them is special.
bool copy_plain(const char* from, char* to) noexcept {
  bytes x;
  std::memcpy(&x, from, sizeof(x));
  std::memcpy(to, &x, sizeof(x));
  const auto special = (x < 0x20) | (x == '"') | (x == '\\');
  std::array<std::uint64_t, 2> any{};
  std::memcpy(any.data(), &special, sizeof(special));
  return (any[0] | any[1]) == 0;
}

/// Copies the bytes before the first special one, and returns how many these
/// are. Behind them anything may be written, up to as much as `x` is long.
std::size_t copy_plain(std::string_view x, char* to) noexcept {
  const auto* from = x.data();
  std::size_t n = 0;
  while (n + sizeof(bytes) <= x.size() && copy_plain(from + n, to + n))
    n += sizeof(bytes);
  // The rest, together with some of what is before it.
  if (x.size() >= sizeof(bytes) && n + sizeof(bytes) > x.size()) {
    const auto last = x.size() - sizeof(bytes);
    if (copy_plain(from + last, to + last))
      return x.size();
  }
  for (; n < x.size() && !is_special(from[n]); ++n)
    to[n] = from[n];
  return n;
}

} // namespace

void json_appender::put_escaped(std::string_view x) {
  put('"');
  while (!x.empty()) {
    if (used_ == buffer_.size())
      flush();
    const auto piece = x.substr(0, buffer_.size() - used_);
    const auto n = copy_plain(piece, buffer_.data() + used_);
    used_ += n;
    x.remove_prefix(n);
    if (n == piece.size())
      continue;
    put_escape(x.front());
    x.remove_prefix(1);
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
