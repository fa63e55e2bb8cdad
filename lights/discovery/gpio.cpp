#include "lights/discovery/devices.hpp"
#include "lights/discovery/on_machine.hpp"

#include <fmt/format.h>

#include <string_view>

namespace signalbox::lights {

namespace {

/// "gpiochip0"
bool is_chip(std::string_view name) {
  constexpr std::string_view head = "gpiochip";
  return name.starts_with(head) && name.size() > head.size()
         && name.find_first_not_of("0123456789", head.size())
              == std::string_view::npos;
}

} // namespace

std::vector<finding> find_gpio(const machine_folders& at) {
  std::vector<finding> out;
  for (const auto& name : names_in(at.devices)) {
    if (!is_chip(name))
      continue;
    const auto path = at.devices / name;
    finding x{.driver = "gpio",
              .name = name,
              .what = "GPIO chip",
              .where = path.string(),
              .settings = {{"chip", path.string()}},
              .remarks = {"Say on which lines the lamps hang; gpioinfo lists "
                          "the lines of all chips"}};
    for (const auto* color : {"red", "green", "blue"})
      x.settings.push_back({color, "(the line's offset)", true});
    if (!is_writable(path))
      x.remarks.push_back(fmt::format("This user may not write to {}; add it "
                                      "to the group that owns it",
                                      path.string()));
    out.push_back(std::move(x));
  }
  return out;
}

} // namespace signalbox::lights
