// Art-Net: DMX fixtures behind an Art-Net node.
#include "lights/artnet/packet.hpp"
#include "lights/dmx/lamp.hpp"
#include "lights/lamp_address.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>
#include <utility>

namespace signalbox::lights {

driver_ptr make_artnet(config::section& options);

driver_ptr make_artnet(config::section& options) {
  options.require("address");
  options.require("universe");
  const auto where = read_address(options, "address", artnet::default_port);
  const auto universe =
    static_cast<std::uint16_t>(options.integer("universe", 0, 0, 32'767));
  const auto fixture = dmx::read_fixture(options);
  if (!where || !options.good())
    return nullptr;
  dmx::lamp_options made;
  made.universe_name =
    fmt::format("artnet {}:{} {}", where->host, where->port, universe);
  made.to.host = where->host;
  made.to.port = where->port;
  made.frame = [universe](std::uint64_t sequence, std::string_view slots) {
    return artnet::dmx_packet(universe, artnet::sequence_number(sequence),
                              slots);
  };
  made.at = fixture;
  made.cure = "; is the node switched on, and is this its address?";
  return dmx::make_lamp(std::move(made));
}

} // namespace signalbox::lights
