#include "lights/usb/models.hpp"

#include <algorithm>
#include <array>

namespace signalbox::lights {

namespace {

// Sources: todbot/blink1, the hid-led driver of Linux,
// arvydas/blinkstick-python and JnyJny/busylight.
constexpr std::array products{
  usb_product{"blink1", 0x27B8, 0x01ED, "blink(1)"},
  usb_product{"blinkstick", 0x20A0, 0x41E5, "BlinkStick"},
  usb_product{"blynclight", 0x047F, 0xD005, "Plantronics Status Indicator"},
  usb_product{"blynclight", 0x0E53, 0x2516, "Blynclight"},
  usb_product{"blynclight", 0x0E53, 0x2517, "Blynclight Mini"},
  usb_product{"blynclight", 0x0E53, 0x2519, "Blynclight Mini"},
  usb_product{"blynclight", 0x2C0D, 0x0001, "Blynclight"},
  usb_product{"blynclight", 0x2C0D, 0x0002, "Blynclight Plus"},
  usb_product{"blynclight", 0x2C0D, 0x0003, "Blynclight Mini"},
  usb_product{"blynclight", 0x2C0D, 0x000A, "Blynclight Mini"},
  usb_product{"blynclight", 0x2C0D, 0x000C, "Blynclight"},
  usb_product{"blynclight", 0x2C0D, 0x0010, "Blynclight Plus"},
  usb_product{"busylight", 0x04D8, 0xF848, "Busylight Alpha"},
  usb_product{"busylight", 0x27BB, 0x3BCA, "Busylight Alpha"},
  usb_product{"busylight", 0x27BB, 0x3BCB, "Busylight Alpha"},
  usb_product{"busylight", 0x27BB, 0x3BCC, "Busylight"},
  usb_product{"busylight", 0x27BB, 0x3BCD, "Busylight Omega"},
  usb_product{"busylight", 0x27BB, 0x3BCE, "Busylight Alpha"},
  usb_product{"busylight", 0x27BB, 0x3BCF, "Busylight Omega"},
  usb_product{"luxafor", 0x04D8, 0xF372, "Luxafor"},
};

static_assert(std::ranges::is_sorted(products, {}, &usb_product::driver));

} // namespace

std::span<const usb_product> usb_products() noexcept {
  return products;
}

std::span<const usb_product> usb_products_of(std::string_view driver) noexcept {
  // GCC's own subrange, from which a span is made, is beyond clang 14.
  const auto* first =
    std::ranges::lower_bound(products, driver, {}, &usb_product::driver);
  const auto* last =
    std::ranges::upper_bound(products, driver, {}, &usb_product::driver);
  return {first, last};
}

} // namespace signalbox::lights
