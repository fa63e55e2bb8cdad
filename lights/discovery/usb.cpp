#include "lights/discovery/on_machine.hpp"
#include "lights/usb/find.hpp"

#include <utility>

namespace signalbox::lights {

std::vector<finding> find_usb(const machine_folders&) {
  std::vector<finding> out;
  for (auto& x : find_usb_lamps()) {
    finding lamp;
    lamp.driver = x.driver;
    lamp.name = x.driver;
    lamp.what = x.product;
    lamp.where = std::move(x.path);
    if (!x.serial.empty())
      lamp.settings.push_back({"serial", std::move(x.serial)});
    if (!x.trouble.empty())
      lamp.remarks.push_back(std::move(x.trouble));
    out.push_back(std::move(lamp));
  }
  return out;
}

} // namespace signalbox::lights
