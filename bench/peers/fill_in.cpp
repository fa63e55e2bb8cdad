#include "bench/peers/fill_in.hpp"

namespace signalbox::bench {

std::string
fill_in(std::string text,
        const std::vector<std::pair<std::string_view, std::string>>& values) {
  for (const auto& [name, value] : values) {
    const auto place = "@" + std::string{name} + "@";
    for (auto at = text.find(place); at != std::string::npos;
         at = text.find(place, at + value.size()))
      text.replace(at, place.size(), value);
  }
  return text;
}

} // namespace signalbox::bench
