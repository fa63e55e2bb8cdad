#include "policy/plain_text.hpp"

#include <algorithm>
#include <cstdint>

namespace signalbox {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::string_view ellipsis = "\xE2\x80\xA6";
constexpr char32_t invalid = 0xFFFD;

struct character {
  char32_t code = invalid;
  std::size_t length = 1; ///< In bytes.
};

/// What a lead byte promises: the Unicode Standard's table 3-7, well-formed
/// byte sequences. The second byte's range excludes overlong forms,
/// surrogates and what is beyond U+10FFFF.
struct lead {
  std::size_t length = 0; ///< 0: no lead byte.
  std::uint8_t second_from = 0x80;
  std::uint8_t second_to = 0xBF;
};

constexpr lead lead_of(std::uint8_t byte) {
  if (byte < 0x80)
    return {.length = 1};
  if (byte >= 0xC2 && byte <= 0xDF)
    return {.length = 2};
  if (byte >= 0xE0 && byte <= 0xEF)
    return {
      .length = 3,
      .second_from = byte == 0xE0 ? std::uint8_t{0xA0} : std::uint8_t{0x80},
      .second_to = byte == 0xED ? std::uint8_t{0x9F} : std::uint8_t{0xBF}};
  if (byte >= 0xF0 && byte <= 0xF4)
    return {
      .length = 4,
      .second_from = byte == 0xF0 ? std::uint8_t{0x90} : std::uint8_t{0x80},
      .second_to = byte == 0xF4 ? std::uint8_t{0x8F} : std::uint8_t{0xBF}};
  return {};
}

/// The first character of `text`, which is not empty. Of an ill-formed
/// sequence the longest part that could have begun one is one character.
character first_character(std::string_view text) {
  const auto byte_at = [text](std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
  };
  const auto promise = lead_of(byte_at(0));
  if (promise.length == 0)
    return {};
  if (promise.length == 1)
    return {.code = byte_at(0), .length = 1};
  auto code = static_cast<char32_t>(byte_at(0) & (0x7F >> promise.length));
  for (std::size_t i = 1; i < promise.length; ++i) {
    const std::uint8_t from = i == 1 ? promise.second_from : 0x80;
    const std::uint8_t to = i == 1 ? promise.second_to : 0xBF;
    if (i >= text.size() || byte_at(i) < from || byte_at(i) > to)
      return {.code = invalid, .length = i};
    code = code << 6 | (byte_at(i) & 0x3F);
  }
  return {.code = code, .length = promise.length};
}

constexpr bool is_space(char32_t code) {
  return code == ' ' || (code >= '\t' && code <= '\r') || code == 0x85
         || code == 0x2028 || code == 0x2029;
}

constexpr bool is_control(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F)
         || (code >= 0x202A && code <= 0x202E)
         || (code >= 0x2066 && code <= 0x2069);
}

/// Drops the last character of valid UTF-8.
void drop_last(std::string& text) {
  while (!text.empty()
         && (static_cast<std::uint8_t>(text.back()) & 0xC0) == 0x80)
    text.pop_back();
  if (!text.empty())
    text.pop_back();
}

} // namespace

std::string one_line(std::string_view text, std::size_t max_characters) {
  std::string line;
  line.reserve(std::min(text.size(), max_characters));
  std::size_t count = 0;
  bool space_waits = false;
  while (!text.empty()) {
    const auto next = first_character(text);
    const auto bytes = text.substr(0, next.length);
    text.remove_prefix(next.length);
    if (is_space(next.code)) {
      space_waits = count > 0;
      continue;
    }
    const std::size_t needed = space_waits ? 2 : 1;
    if (count + needed > max_characters) {
      if (count == max_characters)
        drop_last(line);
      if (max_characters > 0)
        line += ellipsis;
      return line;
    }
    if (space_waits)
      line += ' ';
    line += next.code == invalid || is_control(next.code) ? replacement : bytes;
    count += needed;
    space_waits = false;
  }
  return line;
}

} // namespace signalbox
