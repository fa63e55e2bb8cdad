#include "lights/command_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace signalbox::lights {

int steps_of(double share, int steps) {
  return static_cast<int>(
    std::clamp<long>(std::lround(share * steps), 1, steps));
}

double brightness_of(const command& x) {
  return x.brightness * hsv_of(x.color.mix).v;
}

rgb at_full_strength(rgb x) {
  const auto most = std::max({x.r, x.g, x.b});
  if (most == 0)
    return x;
  const auto lift = [most](std::uint8_t part) {
    return static_cast<std::uint8_t>((part * 255 + most / 2) / most);
  };
  return {lift(x.r), lift(x.g), lift(x.b)};
}

duration transition_of(const command& x) {
  if (x.what != show::fade)
    return duration::zero();
  return std::min<duration>(x.period, std::chrono::hours(1));
}

std::string seconds_text(duration x) {
  const auto ms = std::chrono::round<std::chrono::milliseconds>(x).count();
  auto text = fmt::format("{}.{:03}", ms / 1000, ms % 1000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.'))
    text.pop_back();
  return text;
}

int mired_of(std::uint16_t kelvin) {
  return static_cast<int>(std::lround(1e6 / kelvin));
}

} // namespace signalbox::lights
