#include "lights/dmx/layout.hpp"

#include "lights/command_values.hpp"

#include <algorithm>
#include <initializer_list>

namespace signalbox::lights::dmx {

namespace {

std::string bytes(std::initializer_list<int> xs) {
  std::string out;
  for (const auto x : xs)
    out += static_cast<char>(x);
  return out;
}

/// A lit fixture has at least one step.
int dimmer_of(const command& x) {
  return x.what == show::off ? 0 : steps_of(x.brightness, 255);
}

} // namespace

std::string slots_of(const command& x, layout as) {
  const auto lit = x.what == show::off ? rgb{} : x.color.mix;
  const auto [r, g, b] = scaled(lit, x.brightness);
  switch (as) {
  case layout::grb:
    return bytes({g, r, b});
  case layout::rgbw: {
    const auto white = std::min({r, g, b});
    return bytes({r - white, g - white, b - white, white});
  }
  case layout::dimmer_rgb:
    return bytes({dimmer_of(x), lit.r, lit.g, lit.b});
  default:
    return bytes({r, g, b});
  }
}

fixture read_fixture(config::section& options) {
  fixture x;
  x.channel = static_cast<std::size_t>(options.integer("channel", 1, 1, slots));
  x.layout = static_cast<layout>(
    options.choice("layout", 0, {"rgb", "grb", "rgbw", "dimmer_rgb"}));
  if (x.channel - 1 + slots_of({}, x.layout).size() > slots)
    options.mistake("channel", "the fixture reaches beyond slot 512, the last "
                               "of a universe");
  return x;
}

} // namespace signalbox::lights::dmx
