// Embrava Blynclight and Plantronics Status Indicator, by output reports of
// nine bytes. Source: docs/hardware/devices/embrava.md of JnyJny/busylight.
#include "lights/usb/hid_lamp.hpp"

#include <utility>

namespace signalbox::lights {

driver_ptr make_blynclight(config::section& options);

namespace {

/// It can flash, but how fast its three speeds are is not told anywhere, so
/// that the engine does it.
class blynclight final : public hid_lamp {
public:
  explicit blynclight(std::string serial)
    : hid_lamp(blynclight_lamp, std::move(serial)) {
    // nop
  }

  std::vector<delivery_request> shape(const command& x,
                                      const command*) override {
    constexpr std::uint8_t dark = 1;
    const auto c = light_of(x);
    const std::uint8_t control = c == rgb{} ? dark : 0;
    // Blue comes before green. No sound, no volume; the end is always the same.
    return {report({0, c.r, c.b, c.g, control, 0, 0, 0xFF, 0x22})};
  }
};

} // namespace

driver_ptr make_blynclight(config::section& options) {
  auto serial = read_serial(options);
  options.choice("led", 0, {"all"});
  if (!options.good())
    return nullptr;
  return std::make_unique<blynclight>(std::move(serial));
}

} // namespace signalbox::lights
