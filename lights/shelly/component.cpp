#include "lights/shelly/component.hpp"

#include "lights/command_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

namespace signalbox::lights::shelly {

namespace {

// In the order of `kind`.
constexpr std::array<std::string_view, 5> names{"rgb", "rgbw", "light", "cct",
                                                "switch"};
constexpr std::array<std::string_view, 5> methods{
  "RGB.Set", "RGBW.Set", "Light.Set", "CCT.Set", "Switch.Set"};

constexpr unsigned highest_id = 199;

// What CCT.Set takes unless the device was told otherwise.
constexpr int lowest_ct = 2700; // kelvin
constexpr int highest_ct = 6500;

} // namespace

result<component> component::parse(std::string_view text) {
  const auto colon = text.find(':');
  const auto i = std::ranges::find(names, text.substr(0, colon));
  if (i != names.end() && colon != std::string_view::npos) {
    unsigned id = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] =
      std::from_chars(text.data() + colon + 1, end, id);
    if (error == std::errc{} && rest == end && id <= highest_id)
      return component{static_cast<kind>(i - names.begin()), id};
  }
  return fail(errc::bad_config,
              fmt::format("is not {} with a colon and a number, such as "
                          "\"rgb:0\"",
                          fmt::join(names, ", ")));
}

std::string_view component::method() const noexcept {
  return methods[static_cast<std::size_t>(what_)];
}

std::string component::name() const {
  return fmt::format("{}:{}", names[static_cast<std::size_t>(what_)], id_);
}

std::string component::params(const command& x) const {
  if (x.what == show::off)
    return fmt::format(R"({{"id":{},"on":false}})", id_);
  if (what_ == kind::relay)
    return fmt::format(R"({{"id":{},"on":true}})", id_);
  auto text = fmt::format(R"({{"id":{},"on":true)", id_);
  auto brightness = x.brightness;
  if (what_ == kind::rgb || what_ == kind::rgbw) {
    const auto& [r, g, b] = x.color.mix;
    text += fmt::format(R"(,"rgb":[{},{},{}])", r, g, b);
    if (what_ == kind::rgbw)
      text += R"(,"white":0)";
  } else {
    brightness = brightness_of(x);
    if (what_ == kind::cct && x.color.kelvin > 0)
      text += fmt::format(
        R"(,"ct":{})", std::clamp<int>(x.color.kelvin, lowest_ct, highest_ct));
  }
  text += fmt::format(R"(,"brightness":{})", steps_of(brightness, 100));
  if (x.what == show::fade)
    text += fmt::format(R"(,"transition_duration":{})",
                        seconds_text(transition_of(x)));
  return text + '}';
}

} // namespace signalbox::lights::shelly
