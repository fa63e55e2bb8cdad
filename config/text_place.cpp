#include "config/text_place.hpp"

#include <algorithm>
#include <charconv>

namespace signalbox::config {

std::string place_in(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto line = 1 + std::ranges::count(before, '\n');
  const auto column = offset - (before.rfind('\n') + 1) + 1;
  return "line " + std::to_string(line) + ", column " + std::to_string(column)
         + ": ";
}

std::string with_place(std::string_view text, const std::string& message) {
  const auto at = message.rfind(" at ");
  std::size_t offset = 0;
  if (at != std::string::npos)
    std::from_chars(message.data() + at + 4, message.data() + message.size(),
                    offset);
  return place_in(text, offset) + message.substr(0, at);
}

} // namespace signalbox::config
