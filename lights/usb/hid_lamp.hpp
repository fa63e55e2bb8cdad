// What all drivers of USB lamps have in common.
#pragma once

#include "lights/driver.hpp"
#include "lights/usb/models.hpp"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace signalbox::lights {

/// A lamp at the USB, whose commands are HID reports.
class hid_lamp : public driver {
public:
  /// Also how long a lamp that was unplugged and plugged in again can stay
  /// dark. A report costs about a millisecond of a bus that is idle.
  static constexpr duration reassert = std::chrono::seconds(10);

  /// Commands a second.
  static constexpr double max_rate = 50;

  hid_lamp(const usb_lamp& kind, std::string serial);

  [[nodiscard]] capabilities can() const override;
  transport_choice open_transport() override;
  verdict judge(const delivery_answer& answer, wall_time now) override;

protected:
  /// The colour that a command asks for; black when it asks for darkness.
  static rgb light_of(const command& x);

  /// A report; its first byte is its id.
  static write_request report(std::span<const std::uint8_t> bytes);
  static write_request report(std::initializer_list<std::uint8_t> bytes);

private:
  usb_lamp kind_;
  std::string serial_;
};

/// Reads `serial`.
std::string read_serial(config::section& options);

} // namespace signalbox::lights
