#include "lights/wled/pixels.hpp"

#include <algorithm>

namespace signalbox::lights::wled {

namespace {

constexpr char drgb = 2;
constexpr char dnrgb = 4;
constexpr std::size_t most_drgb = 490;
constexpr std::size_t most_dnrgb = 489;

void append(std::string& out, rgb x, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    for (const auto part : {x.r, x.g, x.b})
      out += static_cast<char>(part);
}

} // namespace

std::vector<std::string> pixels(rgb x, std::size_t count, std::uint8_t hold) {
  std::vector<std::string> out;
  if (count <= most_drgb) {
    out.push_back({drgb, static_cast<char>(hold)});
    append(out.back(), x, count);
    return out;
  }
  for (std::size_t first = 0; first < count; first += most_dnrgb) {
    out.push_back({dnrgb, static_cast<char>(hold),
                   static_cast<char>(first >> 8U),
                   static_cast<char>(first & 0xFFU)});
    append(out.back(), x, std::min(most_dnrgb, count - first));
  }
  return out;
}

} // namespace signalbox::lights::wled
