// Bytes as tests write them down.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace signalbox::lights::test {

inline std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const auto x : bytes) {
    const auto value = static_cast<unsigned char>(x);
    out += digits[value >> 4U];
    out += digits[value & 0xFU];
  }
  return out;
}

/// `x`, so many times.
inline std::string times(std::size_t n, std::string_view x) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i)
    out += x;
  return out;
}

} // namespace signalbox::lights::test
