// Devices of the USB class HID, by hidapi, which no other file of this room
// knows.
#pragma once

#include "lights/usb/models.hpp"
#include "messages/failure.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::lights {

/// A device that is plugged in. Its texts are the device's own: hostile.
struct hid_entry {
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  std::string serial; ///< May be empty. Characters beyond ASCII become '?'.
  std::string path;   ///< "/dev/hidraw0".
};

/// All devices, in the kernel's order. Opens none of them. Thread-safe.
std::vector<hid_entry> hid_entries();

/// An open device. Opening and closing are thread-safe; one object is for one
/// thread at a time.
class hid_device_handle {
public:
  /// @returns Why not, with the cure when it is a matter of permission.
  static result<hid_device_handle> open(const std::string& path);

  hid_device_handle(hid_device_handle&&) noexcept = default;
  hid_device_handle& operator=(hid_device_handle&&) noexcept = default;
  ~hid_device_handle() = default;

  /// Sends one report, which begins with its id (0 if the device has none).
  /// Blocks until the device has it; the kernel waits 5 seconds at most.
  result<void> send(hid_report kind, std::string_view report);

private:
  struct closer {
    void operator()(void* x) const noexcept;
  };

  explicit hid_device_handle(void* device);

  std::unique_ptr<void, closer> device_;
};

} // namespace signalbox::lights
