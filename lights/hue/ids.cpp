#include "lights/hue/ids.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace signalbox::lights::hue {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

bool is_key_character(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
         || c == '-' || c == '.' || c == '_' || c == '~';
}

} // namespace

bool is_key(std::string_view x) {
  constexpr std::size_t longest = 128;
  return !x.empty() && x.size() <= longest
         && std::ranges::all_of(x, is_key_character);
}

void hide_key(std::string& text, std::string_view key) {
  constexpr std::string_view instead = "(key)";
  if (key.empty())
    return;
  for (auto at = text.find(key); at != std::string::npos;
       at = text.find(key, at + instead.size()))
    text.replace(at, key.size(), instead);
}

bool is_number(std::string_view x) {
  constexpr std::size_t longest = 5;
  return !x.empty() && x.size() <= longest && std::ranges::all_of(x, is_digit);
}

bool is_uuid(std::string_view x) {
  constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::ranges::equal(x, form, [](char c, char wanted) {
    return wanted == '-' ? c == '-' : is_hex_digit(c);
  });
}

bool is_hex(std::string_view x) {
  return std::ranges::all_of(x, is_hex_digit);
}

} // namespace signalbox::lights::hue
