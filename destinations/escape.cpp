#include "destinations/escape.hpp"

#include "formats/text.hpp"

namespace signalbox {

namespace {

constexpr std::string_view ellipsis = "\xE2\x80\xA6"; // U+2026

constexpr unsigned byte(char x) {
  return static_cast<unsigned char>(x);
}

constexpr bool continues(char x) {
  return (byte(x) & 0xC0U) == 0x80U;
}

void append_with_backslashes(std::string& out, std::string_view value,
                             std::string_view special) {
  for (auto x : value) {
    if (special.find(x) != std::string_view::npos)
      out += '\\';
    out += x;
  }
}

} // namespace

namespace escape {

void none(std::string& out, std::string_view value) {
  out += value;
}

void plain(std::string& out, std::string_view value) {
  append_clean(out, value);
}

void slack(std::string& out, std::string_view value) {
  for (auto x : value) {
    switch (x) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    default:
      out += x;
    }
  }
}

void markdown(std::string& out, std::string_view value) {
  append_with_backslashes(out, value, "\\*_[]()#`~>");
}

void json(std::string& out, std::string_view value) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (auto x : value) {
    if (x == '"' || x == '\\') {
      out += '\\';
      out += x;
    } else if (byte(x) < 0x20) {
      out += "\\u00";
      out += digits[byte(x) >> 4];
      out += digits[byte(x) & 0xFU];
    } else {
      out += x;
    }
  }
}

void topic_level(std::string& out, std::string_view value) {
  if (value.empty())
    out += '_';
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto x = value[i];
    // C1 controls are two bytes in UTF-8: C2, then 80 to 9F.
    const auto c1 =
      byte(x) == 0xC2 && i + 1 < value.size() && byte(value[i + 1]) < 0xA0;
    const auto unsafe = byte(x) < 0x20 || byte(x) == 0x7F || c1 || x == '+'
                        || x == '#' || x == '/';
    out += unsafe ? '_' : x;
    i += c1 ? 1 : 0;
  }
}

} // namespace escape

std::string shorten(std::string_view text, std::size_t max) {
  // Where the last code point that fits begins: the ellipsis takes its place.
  std::size_t cut = 0;
  std::size_t points = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (continues(text[i]))
      continue;
    if (++points == max)
      cut = i;
    if (points > max)
      return std::string{text.substr(0, cut)}.append(ellipsis);
  }
  return std::string{text};
}

} // namespace signalbox
