#include "lights/tasmota_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace signalbox::lights::tasmota {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t slowest = 40; // half seconds

/// Not black: a lamp that is lit shows at least one step.
rgb lit(const command& x) {
  auto mix = scaled(x.color.mix, x.brightness);
  if (mix == rgb{})
    mix = {static_cast<std::uint8_t>(x.color.mix.r > 0 ? 1 : 0),
           static_cast<std::uint8_t>(x.color.mix.g > 0 ? 1 : 0),
           static_cast<std::uint8_t>(x.color.mix.b > 0 ? 1 : 0)};
  return mix;
}

} // namespace

std::string commands_of(const command& x) {
  if (x.what == show::off)
    return "Power OFF";
  auto text = fmt::format("Color1 {};Power ON", to_hex(lit(x)));
  if (x.what != show::fade)
    return text;
  const auto speed =
    std::clamp<std::int64_t>((x.period + 250ms) / 500ms, 1, slowest);
  return fmt::format("Speed2 {};{}", speed, text);
}

} // namespace signalbox::lights::tasmota
