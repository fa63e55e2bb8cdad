// BlinkStick, by feature reports. Source: arvydas/blinkstick-python.
#include "lights/usb/hid_lamp.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace signalbox::lights {

driver_ptr make_blinkstick(config::section& options);

namespace {

constexpr std::uint8_t channel = 0;

struct strip {
  std::uint8_t report;
  std::size_t leds;
};

// Which report sets how many LEDs at once.
constexpr std::array<strip, 4> strips{{{6, 8}, {7, 16}, {8, 32}, {9, 64}}};

constexpr std::int64_t most_leds = 64;

class blinkstick final : public hid_lamp {
public:
  /// @param led Which LED; absent: the first `leds` of them.
  blinkstick(std::string serial, std::optional<std::uint8_t> led,
             std::size_t leds)
    : hid_lamp(blinkstick_lamp, std::move(serial)), led_(led), leds_(leds) {
    // nop
  }

  std::vector<delivery_request> shape(const command& x,
                                      const command*) override {
    const auto c = light_of(x);
    if (led_)
      return {report({5, channel, *led_, c.r, c.g, c.b})};
    if (leds_ == 1)
      return {report({1, c.r, c.g, c.b})};
    return {all(c)};
  }

private:
  [[nodiscard]] write_request all(rgb c) const {
    const auto* fit = strips.begin();
    while (fit->leds < leds_)
      ++fit;
    std::vector<std::uint8_t> bytes{fit->report, channel};
    for (std::size_t i = 0; i < fit->leds; ++i)
      bytes.insert(bytes.end(), {c.g, c.r, c.b});
    return report(bytes);
  }

  std::optional<std::uint8_t> led_;
  std::size_t leds_;
};

/// "all" or a number; absent for all.
std::optional<std::uint8_t> read_led(config::section& options) {
  const auto text = options.text("led", "all");
  if (text == "all")
    return std::nullopt;
  std::uint8_t led = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, led);
  if (error != std::errc{} || stop != end || led >= most_leds)
    options.mistake("led", fmt::format("must be \"all\", or a number from "
                                       "\"0\" to \"{}\"",
                                       most_leds - 1));
  return led;
}

} // namespace

driver_ptr make_blinkstick(config::section& options) {
  auto serial = read_serial(options);
  const auto led = read_led(options);
  const auto leds = options.integer("leds", 8, 1, most_leds);
  if (led && options.has("leds"))
    options.mistake("leds", "is for all LEDs, but 'led' names one of them");
  if (!options.good())
    return nullptr;
  return std::make_unique<blinkstick>(std::move(serial), led,
                                      static_cast<std::size_t>(leds));
}

} // namespace signalbox::lights
