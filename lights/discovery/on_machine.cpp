#include "lights/discovery/on_machine.hpp"

#include <array>
#include <iterator>

namespace signalbox::lights {

namespace {

// One line per bus.
constexpr std::array finders{&find_usb, &find_leds, &find_gpio};

} // namespace

std::vector<finding> find_on_machine(const machine_folders& at) {
  std::vector<finding> out;
  for (const auto find : finders) {
    auto found = find(at);
    out.insert(out.end(), std::make_move_iterator(found.begin()),
               std::make_move_iterator(found.end()));
  }
  return out;
}

} // namespace signalbox::lights
