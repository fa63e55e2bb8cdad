#include "policy/glob.hpp"

#include <cstddef>
#include <cstdint>

namespace signalbox {

namespace {

/// Where the character after the one at `i` begins.
std::size_t next_character(std::string_view text, std::size_t i) noexcept {
  ++i;
  while (i < text.size() && (static_cast<std::uint8_t>(text[i]) & 0xC0) == 0x80)
    ++i;
  return i;
}

} // namespace

bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
  // When a character does not fit, the last star takes one more; stars before
  // it never need to be tried again.
  constexpr auto none = std::string_view::npos;
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t after_star = none;
  std::size_t star_end = 0;
  while (t < text.size()) {
    const auto in_pattern = p < pattern.size();
    if (in_pattern && pattern[p] == '*') {
      after_star = ++p;
      star_end = t;
    } else if (in_pattern && pattern[p] == '?') {
      ++p;
      t = next_character(text, t);
    } else if (in_pattern && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (after_star != none) {
      p = after_star;
      t = star_end = next_character(text, star_end);
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == none;
}

bool is_glob(std::string_view pattern) noexcept {
  return pattern.find_first_of("*?") != std::string_view::npos;
}

} // namespace signalbox
