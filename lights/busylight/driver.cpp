// Plenom Kuando Busylight, by output reports of 64 bytes: a program of seven
// steps. Source: docs/hardware/devices/kuando.md of JnyJny/busylight.
#include "lights/usb/hid_lamp.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <numeric>
#include <utility>

namespace signalbox::lights {

driver_ptr make_busylight(config::section& options);

namespace {

using tenths = std::chrono::duration<std::int64_t, std::deci>;

constexpr std::uint8_t jump_to_first = 0x10;

/// It goes dark by itself half a minute after the last report, which is why
/// each is told again well before that, and why a dead engine shows.
class busylight final : public hid_lamp {
public:
  explicit busylight(std::string serial)
    : hid_lamp(busylight_lamp, std::move(serial)) {
    // nop
  }

  [[nodiscard]] capabilities can() const override {
    auto x = hid_lamp::can();
    x.blinks = true;
    return x;
  }

  std::vector<delivery_request> shape(const command& x,
                                      const command*) override {
    const auto c = light_of(x);
    const auto half = x.what == show::blink ? time(x.period / 2) : 0;
    // One step, which jumps to itself, and leaves the sound as it is.
    return {program({jump_to_first, 0, percent(c.r), percent(c.g), percent(c.b),
                     static_cast<std::uint8_t>(half),
                     static_cast<std::uint8_t>(half), 0})};
  }

private:
  static constexpr std::size_t size = 64;

  static write_request program(const std::array<std::uint8_t, 8>& step) {
    std::array<std::uint8_t, 1 + size> bytes{};
    std::ranges::copy(step, bytes.begin() + 1);
    std::fill_n(bytes.end() - 5, 3, 0xFF);
    const auto sum = std::accumulate(bytes.begin(), bytes.end() - 2, 0U);
    bytes[size - 1] = static_cast<std::uint8_t>(sum >> 8U);
    bytes[size] = static_cast<std::uint8_t>(sum & 0xFFU);
    return report(bytes);
  }

  static std::uint8_t percent(std::uint8_t x) {
    return static_cast<std::uint8_t>((x * 100 + 254) / 255);
  }

  static std::int64_t time(duration x) {
    return std::clamp<std::int64_t>(std::chrono::ceil<tenths>(x).count(), 1,
                                    255);
  }
};

} // namespace

driver_ptr make_busylight(config::section& options) {
  auto serial = read_serial(options);
  options.choice("led", 0, {"all"});
  if (!options.good())
    return nullptr;
  return std::make_unique<busylight>(std::move(serial));
}

} // namespace signalbox::lights
