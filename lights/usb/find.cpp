#include "lights/usb/find.hpp"

#include "lights/usb/hid.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace signalbox::lights {

namespace {

std::vector<connected_lamp> lamps_among(std::vector<hid_entry> entries,
                                        std::span<const usb_product> known) {
  std::vector<connected_lamp> out;
  for (auto& x : entries) {
    const auto i = std::ranges::find_if(known, [&](const usb_product& p) {
      return p.vendor == x.vendor && p.product == x.product;
    });
    if (i != known.end())
      out.push_back(
        {i->driver, i->name, std::move(x.serial), std::move(x.path), {}});
  }
  return out;
}

} // namespace

std::vector<connected_lamp> connected_lamps(std::string_view driver) {
  return lamps_among(hid_entries(), usb_products_of(driver));
}

std::vector<connected_lamp> find_usb_lamps() {
  auto lamps = lamps_among(hid_entries(), usb_products());
  for (auto& x : lamps)
    if (const auto device = hid_device_handle::open(x.path); !device)
      x.trouble = device.error().what;
  return lamps;
}

} // namespace signalbox::lights
