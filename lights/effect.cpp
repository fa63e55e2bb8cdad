#include "lights/effect.hpp"

namespace signalbox::lights {

std::string_view to_string(show x) noexcept {
  switch (x) {
  case show::on:
    return "on";
  case show::blink:
    return "blink";
  case show::pulse:
    return "pulse";
  case show::fade:
    return "fade";
  default:
    return "off";
  }
}

} // namespace signalbox::lights
