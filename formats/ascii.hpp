// Letters of ASCII without a locale.
#pragma once

#include <algorithm>
#include <string_view>

namespace signalbox {

constexpr char to_lower(char x) noexcept {
  return x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x;
}

constexpr bool is_hex_digit(char x) noexcept {
  return (x >= '0' && x <= '9') || (to_lower(x) >= 'a' && to_lower(x) <= 'f');
}

constexpr bool is_alphanumeric(char x) noexcept {
  return (x >= '0' && x <= '9') || (to_lower(x) >= 'a' && to_lower(x) <= 'z');
}

constexpr bool equals_nocase(std::string_view x, std::string_view y) noexcept {
  return std::ranges::equal(x, y, {}, to_lower, to_lower);
}

constexpr bool starts_with_nocase(std::string_view x,
                                  std::string_view y) noexcept {
  return x.size() >= y.size() && equals_nocase(x.substr(0, y.size()), y);
}

} // namespace signalbox
