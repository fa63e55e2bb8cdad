// ThingM blink(1), by feature report 1. Sources: docs/blink1-hid-commands.md of
// todbot/blink1, and the firmware of the mk3 (todbot/blink1mk3, v302).
#include "lights/usb/hid_lamp.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

namespace signalbox::lights {

driver_ptr make_blink1(config::section& options);

namespace {

using ticks = std::chrono::duration<std::int64_t, std::centi>;

// Lines of the lamp's pattern, in its RAM: the first ones blink, the last of
// these is dark, and is what plays when nobody tends the lamp any more.
constexpr std::uint8_t dark_line = 4;

// Three times what the engine takes to tell a lamp again.
constexpr ticks watchdog =
  std::chrono::duration_cast<ticks>(3 * hid_lamp::reassert);

ticks ticks_of(duration x) {
  // The division of 0 steps is left to the firmware's compiler: never 0.
  return std::clamp(std::chrono::ceil<ticks>(x), ticks{1},
                    ticks{std::numeric_limits<std::uint16_t>::max()});
}

class blink1 final : public hid_lamp {
public:
  /// @param led 0: all; 1 or 2.
  blink1(std::string serial, std::uint8_t led)
    : hid_lamp(blink1_lamp, std::move(serial)), led_(led) {
    // nop
  }

  [[nodiscard]] capabilities can() const override {
    auto x = hid_lamp::can();
    // The lamp has one pattern for both LEDs.
    x.blinks = x.pulses = led_ == 0;
    return x;
  }

  std::vector<delivery_request> shape(const command& x,
                                      const command* shown) override {
    std::vector<delivery_request> out;
    if (shown == nullptr)
      prepare(out);
    // First, as the mk3 takes what plays, and from where to where, from the
    // last that it hears.
    out.emplace_back(watch(x));
    show_it(out, x, shown != nullptr && *shown == x);
    return out;
  }

private:
  static write_request line(rgb c, ticks time, std::uint8_t at) {
    return report({1, 'P', c.r, c.g, c.b, high(time), low(time), at, 0});
  }

  static std::uint8_t high(ticks x) {
    return static_cast<std::uint8_t>(x.count() >> 8U);
  }

  static std::uint8_t low(ticks x) {
    return static_cast<std::uint8_t>(x.count() & 0xFF);
  }

  /// After these, lines are for all LEDs, and the last one is dark. Once for
  /// each time that it is plugged in, as the mk1 keeps lines in memory that
  /// wears out.
  static void prepare(std::vector<delivery_request>& out) {
    out.emplace_back(report({1, 'p', 0, 0, 0, 0, 0, 0, 0}));
    out.emplace_back(report({1, 'l', 0, 0, 0, 0, 0, 0, 0}));
    out.emplace_back(line({}, ticks{1}, dark_line));
  }

  /// @param again The lines of its pattern are in the lamp; whether they play,
  ///   nobody knows: someone else may have ended them, or the watchdog has.
  void show_it(std::vector<delivery_request>& out, const command& x,
               bool again) const {
    const auto c = light_of(x);
    const auto half = ticks_of(x.period / 2);
    switch (x.what) {
    case show::blink:
      if (!again)
        blink(out, c, half);
      out.emplace_back(play(3));
      break;
    case show::pulse:
      if (!again) {
        out.emplace_back(line(c, half, 0));
        out.emplace_back(line({}, half, 1));
      }
      out.emplace_back(play(1));
      break;
    case show::fade:
      out.emplace_back(glide(c, ticks_of(x.period)));
      break;
    default:
      out.emplace_back(glide(c, ticks{1}));
    }
  }

  /// A line glides to its colour all the time it has; the shortest does not
  /// look like it.
  static void blink(std::vector<delivery_request>& out, rgb c, ticks half) {
    out.emplace_back(line(c, ticks{1}, 0));
    out.emplace_back(line(c, half - ticks{1}, 1));
    out.emplace_back(line({}, ticks{1}, 2));
    out.emplace_back(line({}, half - ticks{1}, 3));
  }

  /// Also ends a pattern.
  [[nodiscard]] write_request glide(rgb c, ticks time) const {
    return report({1, 'c', c.r, c.g, c.b, high(time), low(time), led_, 0});
  }

  /// From line 0 to `last`, endlessly.
  static write_request play(std::uint8_t last) {
    return report({1, 'p', 1, 0, last, 0, 0, 0, 0});
  }

  /// "Servertickle": plays the dark line unless it hears from us in time. A
  /// dark lamp needs no watching, unless its other LED is a lamp, too.
  [[nodiscard]] write_request watch(const command& x) const {
    const std::uint8_t on = x.what == show::off && led_ == 0 ? 0 : 1;
    return report(
      {1, 'D', on, high(watchdog), low(watchdog), 1, dark_line, dark_line, 0});
  }

  std::uint8_t led_;
};

} // namespace

driver_ptr make_blink1(config::section& options) {
  auto serial = read_serial(options);
  const auto led = options.choice("led", 0, {"all", "1", "2"});
  if (!options.good())
    return nullptr;
  return std::make_unique<blink1>(std::move(serial),
                                  static_cast<std::uint8_t>(led));
}

} // namespace signalbox::lights
