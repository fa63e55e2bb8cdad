// Luxafor Flag, Orb, Mute and Bluetooth, by output reports of eight bytes.
// Sources: the hid-led driver of Linux, JnyJny/busylight, facelessuser/pyluxa4.
#include "lights/usb/hid_lamp.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace signalbox::lights {

driver_ptr make_luxafor(config::section& options);

namespace {

constexpr std::uint8_t steady = 1;
constexpr std::uint8_t gliding = 2;

/// Its strobe is not used: nobody says how long a unit of its speed is, so that
/// it could flash faster than is safe.
class luxafor final : public hid_lamp {
public:
  luxafor(std::string serial, std::uint8_t led)
    : hid_lamp(luxafor_lamp, std::move(serial)), led_(led) {
    // nop
  }

  std::vector<delivery_request> shape(const command& x,
                                      const command*) override {
    const auto c = light_of(x);
    if (x.what == show::fade)
      return {
        report({0, gliding, led_, c.r, c.g, c.b, seconds(x.period), 0, 0})};
    return {report({0, steady, led_, c.r, c.g, c.b, 0, 0, 0})};
  }

private:
  // Of those who describe the fade, one names a unit, the second; the others
  // only say that more is slower. This way it never takes longer than asked.
  static std::uint8_t seconds(duration x) {
    return static_cast<std::uint8_t>(std::clamp<std::int64_t>(
      std::chrono::floor<std::chrono::seconds>(x).count(), 1, 255));
  }

  std::uint8_t led_;
};

} // namespace

driver_ptr make_luxafor(config::section& options) {
  constexpr std::array<std::uint8_t, 9> codes{0xFF, 0x41, 0x42, 1, 2,
                                              3,    4,    5,    6};
  auto serial = read_serial(options);
  const auto led = options.choice(
    "led", 0, {"all", "front", "back", "1", "2", "3", "4", "5", "6"});
  if (!options.good())
    return nullptr;
  return std::make_unique<luxafor>(std::move(serial), codes.at(led));
}

} // namespace signalbox::lights
