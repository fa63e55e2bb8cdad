#include "lights/hue/body.hpp"

#include "lights/command_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace signalbox::lights::hue {

namespace {

using namespace std::chrono_literals;

constexpr int highest_level = 254;
constexpr int coldest = 153; // mirek
constexpr int warmest = 500;

// Signals are short: the bridge's own 400 ms would take half of a blink.
constexpr auto quick = 100ms;

// What both interfaces hold for certain; v1 has 16 bits of 100 ms.
constexpr auto slowest = std::chrono::milliseconds{100min};

bool is_lit(const command& x) {
  return x.what != show::off && x.color.mix != rgb{} && x.brightness > 0;
}

int level_of(const command& x) {
  // A point has no brightness of its own: that of a dark colour is the lamp's.
  return steps_of(brightness_of(x), highest_level);
}

int mirek_of(std::uint16_t kelvin) {
  return std::clamp(mired_of(kelvin), coldest, warmest);
}

chromaticity rounded(chromaticity x) {
  constexpr auto steps = 1e4;
  return {std::round(x.x * steps) / steps, std::round(x.y * steps) / steps};
}

std::chrono::milliseconds glide_of(const command& x) {
  if (x.what != show::fade)
    return quick;
  return std::clamp(
    std::chrono::duration_cast<std::chrono::milliseconds>(x.period), quick,
    slowest);
}

parts all_parts_of(const command& x, const gamut& within) {
  parts out;
  out.on = is_lit(x);
  out.transition = glide_of(x);
  if (!out.on)
    return out;
  out.level = level_of(x);
  if (x.color.kelvin != 0)
    out.mirek = mirek_of(x.color.kelvin);
  else
    out.point =
      rounded(clamped(x.color.point.value_or(xy_of(x.color.mix)), within));
  return out;
}

} // namespace

parts parts_of(const command& x, const command* shown, const gamut& within) {
  auto out = all_parts_of(x, within);
  if (shown == nullptr || *shown == x)
    return out;
  const auto before = all_parts_of(*shown, within);
  if (out.level == before.level)
    out.level.reset();
  // Both: one that is absent says nothing of the other.
  if (out.mirek == before.mirek && out.point == before.point) {
    out.mirek.reset();
    out.point.reset();
  }
  return out;
}

std::string v1_body(const parts& x) {
  auto text = fmt::format(R"({{"on":{})", x.on);
  if (x.level)
    text += fmt::format(R"(,"bri":{})", *x.level);
  if (x.mirek)
    text += fmt::format(R"(,"ct":{})", *x.mirek);
  if (x.point)
    text += fmt::format(R"(,"xy":[{},{}])", x.point->x, x.point->y);
  return text + fmt::format(R"(,"transitiontime":{}}})", x.transition / 100ms);
}

std::string v2_body(const parts& x) {
  auto text = fmt::format(R"({{"on":{{"on":{}}})", x.on);
  if (x.level)
    text += fmt::format(R"(,"dimming":{{"brightness":{:.4g}}})",
                        100.0 * *x.level / highest_level);
  if (x.mirek)
    text += fmt::format(R"(,"color_temperature":{{"mirek":{}}})", *x.mirek);
  if (x.point)
    text += fmt::format(R"(,"color":{{"xy":{{"x":{},"y":{}}}}})", x.point->x,
                        x.point->y);
  return text
         + fmt::format(R"(,"dynamics":{{"duration":{}}}}})",
                       x.transition.count());
}

} // namespace signalbox::lights::hue
