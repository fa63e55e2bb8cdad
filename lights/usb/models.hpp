// The USB lamps that the drivers know: which driver speaks to which product.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace signalbox::lights {

/// How a lamp takes its commands (HID 1.11, 7.2.2).
enum class hid_report : std::uint8_t { feature, output };

/// One kind of lamp, as one driver speaks to it.
struct usb_lamp {
  std::string_view driver;
  std::string_view title; ///< As its maker writes it.
  hid_report report;
};

/// One product of it.
struct usb_product {
  std::string_view driver;
  std::uint16_t vendor;
  std::uint16_t product;
  std::string_view name;
};

inline constexpr usb_lamp blink1_lamp{"blink1", "blink(1)",
                                      hid_report::feature};
inline constexpr usb_lamp luxafor_lamp{"luxafor", "Luxafor",
                                       hid_report::output};
inline constexpr usb_lamp blinkstick_lamp{"blinkstick", "BlinkStick",
                                          hid_report::feature};
inline constexpr usb_lamp blynclight_lamp{"blynclight", "Blynclight",
                                          hid_report::output};
inline constexpr usb_lamp busylight_lamp{"busylight", "Busylight",
                                         hid_report::output};

/// All of them, those of one driver side by side. Each one has its line in
/// packaging/60-signalbox-lamps.rules.
std::span<const usb_product> usb_products() noexcept;

/// Those that `driver` speaks to.
std::span<const usb_product> usb_products_of(std::string_view driver) noexcept;

} // namespace signalbox::lights
