// Lamps that hang on this machine itself.
#pragma once

#include "lights/discovery/finding.hpp"

#include <filesystem>
#include <vector>

namespace signalbox::lights {

/// Where the kernel shows its devices; other folders in tests.
struct machine_folders {
  std::filesystem::path leds = "/sys/class/leds";
  std::filesystem::path devices = "/dev";
};

/// The LED class: a multicolor LED, three LEDs that differ only by "red",
/// "green" and "blue" in their names, or a single one. Those of keyboards are
/// left out, as they show the state of keys.
std::vector<finding> find_leds(const machine_folders& at);

/// GPIO chips, by their device nodes; none is opened.
std::vector<finding> find_gpio(const machine_folders& at);

/// USB lamps that we know, as hidapi sees them.
std::vector<finding> find_usb(const machine_folders& at);

/// All finders of this machine.
std::vector<finding> find_on_machine(const machine_folders& at);

} // namespace signalbox::lights
