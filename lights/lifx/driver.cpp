// LIFX: its LAN protocol, acknowledged packet by packet.
#include "lights/driver.hpp"

#include "lights/lamp_address.hpp"
#include "lights/lifx/bulb.hpp"
#include "lights/lifx/packet.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

namespace signalbox::lights {

driver_ptr make_lifx(config::section& options);

namespace {

using std::chrono::milliseconds;

/// Whose questions these are: any number but 0 and 1.
constexpr std::uint32_t source = 0x5342'4F58;

/// How long a lamp blinks if it is not told again: it is, every minute. A
/// waveform has to end some time, and an engine that is gone cannot end it.
constexpr auto blink_time = std::chrono::hours(1);

/// The dimmest that LIFX's own app knows: 1 %.
constexpr double dimmest = 0.01;

/// What colours come with (LIFX's example), and what makes a colourless one
/// sRGB's white.
constexpr std::uint16_t plain_kelvin = 3'500;
constexpr std::uint16_t white_kelvin = 6'500;

std::uint16_t part(double x) {
  return static_cast<std::uint16_t>(
    std::lround(std::clamp(x, 0.0, 1.0) * 65'535));
}

lifx::hsbk lit(const command& x) {
  const auto [h, s, v] = hsv_of(x.color.mix);
  if (x.color.kelvin != 0)
    return {0, 0, part(std::max(x.brightness, dimmest)),
            std::clamp(x.color.kelvin, lowest_kelvin, highest_kelvin)};
  return {part(h / 360), part(s), part(std::max(v * x.brightness, dimmest)),
          s == 0 ? white_kelvin : plain_kelvin};
}

const lamp_address everybody{"255.255.255.255", lifx::default_port};

class lifx_lamp final : public driver {
public:
  explicit lifx_lamp(lifx::bulb::options options)
    : options_(std::move(options)) {
    // nop
  }

  [[nodiscard]] capabilities can() const override {
    return {.max_rate = 15, .burst = 3, .blinks = true, .pulses = true};
  }

  transport_choice open_transport() override {
    return std::make_unique<lifx::bulb>(options_);
  }

  /// A lamp without power takes colours, but stays dark: each lighting command
  /// is a colour and then power.
  std::vector<delivery_request> shape(const command& x,
                                      const command*) override {
    if (x.what == show::off)
      return {write_request{power(false)}};
    const auto color = lit(x);
    const auto period = std::chrono::duration_cast<milliseconds>(x.period);
    if (x.what == show::blink)
      return repeat(color, lifx::waveform::pulse, period);
    if (x.what == show::pulse)
      return repeat(color, lifx::waveform::sine, period);
    const auto fade = x.what == show::fade ? period : milliseconds{0};
    // In braces, which are evaluated in order: so are the packets' numbers.
    return {
      write_request{lifx::set_color(options_.mac, next(), color, fade)},
      write_request{power(true, fade)},
    };
  }

  verdict judge(const delivery_answer& answer, wall_time) override {
    return judge_write(std::get<write_answer>(answer));
  }

private:
  /// A waveform swings between what the lamp shows, which therefore is the same
  /// colour without brightness, and what it is told. When it ends it is dark.
  std::vector<delivery_request>
  repeat(const lifx::hsbk& color, lifx::waveform form, milliseconds period) {
    auto dark = color;
    dark.brightness = 0;
    const auto cycles = static_cast<float>(milliseconds{blink_time}.count())
                        / static_cast<float>(period.count());
    return {
      write_request{
        lifx::set_color(options_.mac, next(), dark, milliseconds{0})},
      write_request{power(true)},
      write_request{
        lifx::set_waveform(options_.mac, next(), color, form, period, cycles)},
    };
  }

  std::string power(bool on, milliseconds fade = milliseconds{0}) {
    return lifx::set_power(options_.mac, next(), on, fade);
  }

  lifx::ticket next() {
    return {source, sequence_++};
  }

  lifx::bulb::options options_;
  std::uint8_t sequence_ = 0;
};

} // namespace

driver_ptr make_lifx(config::section& options) {
  lifx::bulb::options made;
  made.source = source;
  made.address = read_address(options, "address", lifx::default_port);
  if (!options.has("address"))
    options.require("mac");
  if (options.has("mac")) {
    const auto mac = lifx::parse_mac(options.text("mac"));
    if (!mac)
      options.mistake("mac", options.shown("mac")
                               + " is not the address that is printed on the "
                                 "lamp and shown in the app: "
                                 "\"d0:73:d5:00:13:37\"");
    made.mac = mac.value_or(lifx::mac_address{});
  }
  made.everybody =
    read_address(options, "broadcast", lifx::default_port).value_or(everybody);
  if (!options.good())
    return nullptr;
  return std::make_unique<lifx_lamp>(std::move(made));
}

} // namespace signalbox::lights
