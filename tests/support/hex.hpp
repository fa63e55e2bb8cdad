// Bytes in the source of a test, as people read them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace signalbox::test {

/// From hexadecimal digits; what is no digit is left out.
inline std::string from_hex(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (std::string_view{"0123456789abcdef"}.find(c) != std::string_view::npos)
      digits += c;
  std::string out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    out += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return out;
}

} // namespace signalbox::test
