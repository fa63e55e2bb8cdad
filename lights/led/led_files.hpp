// Writes colours into the files of the Linux LED class. Sources: Documentation/
// leds/leds-class.rst and leds-class-multicolor.rst of Linux.
#pragma once

#include "endpoints/transport.hpp"
#include "messages/failure.hpp"

#include <array>
#include <filesystem>
#include <string>

namespace signalbox::lights {

/// Which LEDs are the lamp.
struct led_places {
  std::filesystem::path all; ///< One LED, of whatever colours it has; or empty:
  std::array<std::filesystem::path, 3> each; ///< red, green, blue; or empty.
};

/// Red, green, blue and how bright, 0 to 255 each, as a request's bytes.
std::string led_bytes(std::uint8_t red, std::uint8_t green, std::uint8_t blue,
                      std::uint8_t level);

/// Takes `led_bytes`. Reads anew what the LED is like each time, so that one
/// that comes back is used at once.
class led_files final : public byte_writer {
public:
  explicit led_files(led_places places);

  write_answer write(const write_request& request) override;

private:
  led_places places_;
};

} // namespace signalbox::lights
