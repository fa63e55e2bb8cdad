// What `artnet` and `sacn` have in common: a fixture in a universe that is told
// again all the time.
#pragma once

#include "lights/dmx/layout.hpp"
#include "lights/dmx/universe.hpp"
#include "lights/driver.hpp"

#include <string>

namespace signalbox::lights::dmx {

struct lamp_options {
  std::string universe_name; ///< The same for the same one at one receiver.
  net::datagram_options to;
  frame_writer frame;
  fixture at;
  std::string cure; ///< Said with each failure.
};

driver_ptr make_lamp(lamp_options options);

} // namespace signalbox::lights::dmx
