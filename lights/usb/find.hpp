// Which USB lamps are plugged in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::lights {

/// A lamp that is plugged in.
struct connected_lamp {
  std::string_view driver;  ///< "blink1".
  std::string_view product; ///< "blink(1)".
  std::string serial;       ///< The device's own text, hostile; may be empty.
  std::string path;         ///< "/dev/hidraw0".
  std::string trouble;      ///< Why it cannot be used, and the cure; or empty.
};

/// Lamps of one driver, in the kernel's order. None is opened, and `trouble` is
/// not looked for. Thread-safe.
std::vector<connected_lamp> connected_lamps(std::string_view driver);

/// Lamps of all drivers, each opened for a moment to see whether it may be.
std::vector<connected_lamp> find_usb_lamps();

} // namespace signalbox::lights
