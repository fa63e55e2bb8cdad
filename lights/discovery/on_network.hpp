// Lamps that answer on the networks of this machine.
#pragma once

#include "lights/discovery/finding.hpp"
#include "messages/clock.hpp"
#include "messages/failure.hpp"
#include "net/interfaces.hpp"

#include <span>
#include <vector>

namespace signalbox::lights {

struct network_findings {
  std::vector<finding> lamps;
  std::vector<failure> troubles; ///< What could not be asked.
};

/// Asks in all protocols on all interfaces at once; blocks for `time`.
network_findings find_on_network(std::span<const net::network_interface> at,
                                 duration time);

} // namespace signalbox::lights
