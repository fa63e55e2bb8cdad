#include "formats/text.hpp"

#include <array>

namespace signalbox {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

/// Code page 1252 from 0x80 to 0x9F (unicode.org, MAPPINGS/VENDORS/MICSFT).
constexpr std::array<char16_t, 32> upper_half{
  0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
  0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD,
  0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
  0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
};

constexpr bool is_printable_ascii(char x) {
  return static_cast<unsigned char>(x - 0x20) < 0x5F;
}

constexpr std::size_t block = 32;

/// Without a branch inside, which is what compilers vectorise.
bool is_printable_block(const char* x) noexcept {
  unsigned char bad = 0;
  for (std::size_t i = 0; i < block; ++i)
    bad |= static_cast<unsigned char>(!is_printable_ascii(x[i]));
  return bad == 0;
}

std::size_t printable_prefix(std::string_view x) noexcept {
  std::size_t n = 0;
  while (n + block <= x.size() && is_printable_block(x.data() + n))
    n += block;
  // The rest, together with some that are known to be printable.
  if (n >= block && n + block > x.size()
      && is_printable_block(x.data() + x.size() - block))
    return x.size();
  while (n < x.size() && is_printable_ascii(x[n]))
    ++n;
  return n;
}

struct character {
  char32_t code = 0;
  std::size_t length = 1; ///< Bytes; of the maximal subpart if not valid.
  bool valid = true;
};

/// The first character of a text that is not empty.
character decode(std::string_view x) noexcept {
  const auto first = static_cast<unsigned char>(x.front());
  if (first < 0x80)
    return {first, 1, true};
  if (first < 0xC2 || first > 0xF4)
    return {0, 1, false};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  // Only the second byte's range depends on the first: no surrogates, nothing
  // overlong, nothing above U+10FFFF.
  unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  char32_t code = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned next = i < x.size() ? static_cast<unsigned char>(x[i]) : 0U;
    if (next < low || next > high)
      return {0, i, false};
    code = code << 6 | (next & 0x3FU);
    low = 0x80;
    high = 0xBF;
  }
  return {code, length, true};
}

/// What stands for a character that must not pass; empty for one that may.
std::string_view substitute(const character& x) noexcept {
  const auto c = x.code;
  if (!x.valid)
    return replacement;
  if ((c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0x2028 || c == 0x2029)
    return " ";
  if (c < 0x20 || (c >= 0x7F && c <= 0x9F) || (c >= 0x202A && c <= 0x202E)
      || (c >= 0x2066 && c <= 0x2069))
    return replacement;
  return {};
}

/// Of characters up to U+FFFF, as all of code page 1252 are.
void append_utf8(std::string& out, char32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

} // namespace

std::size_t clean_prefix(std::string_view x) noexcept {
  std::size_t n = 0;
  for (;;) {
    n += printable_prefix(x.substr(n));
    if (n == x.size())
      return n;
    const auto next = decode(x.substr(n));
    if (!substitute(next).empty())
      return n;
    n += next.length;
  }
}

void append_clean(std::string& out, std::string_view x) {
  for (;;) {
    const auto n = clean_prefix(x);
    out += x.substr(0, n);
    x.remove_prefix(n);
    if (x.empty())
      return;
    const auto bad = decode(x);
    out += substitute(bad);
    x.remove_prefix(bad.length);
  }
}

void append_clean_windows_1252(std::string& out, std::string_view x) {
  for (const auto byte : x) {
    character next{static_cast<unsigned char>(byte), 1, true};
    if (next.code >= 0x80 && next.code < 0xA0)
      next.code = upper_half[next.code - 0x80];
    if (const auto instead = substitute(next); !instead.empty())
      out += instead;
    else
      append_utf8(out, next.code);
  }
}

bool is_utf8(std::string_view x) noexcept {
  while (!x.empty()) {
    const auto next = decode(x);
    if (!next.valid)
      return false;
    x.remove_prefix(next.length);
  }
  return true;
}

} // namespace signalbox
