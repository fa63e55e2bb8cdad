// sACN (E1.31): DMX fixtures behind a node that listens to a universe.
#include "lights/dmx/lamp.hpp"
#include "lights/lamp_address.hpp"
#include "lights/sacn/packet.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>
#include <utility>

namespace signalbox::lights {

driver_ptr make_sacn(config::section& options);

namespace {

constexpr std::string_view multicast_cure =
  "; name the network interface of the lamps (interface = \"eth0\"), or set "
  "the node's address";
constexpr std::string_view unicast_cure =
  "; is the node switched on, and is this its address?";

} // namespace

driver_ptr make_sacn(config::section& options) {
  options.require("universe");
  const auto universe =
    static_cast<std::uint16_t>(options.integer("universe", 1, 1, 63'999));
  const auto unicast = options.has("address");
  const auto where =
    read_address(options, "address", sacn::default_port)
      .value_or(lamp_address{sacn::group_of(universe), sacn::default_port});
  const auto interface_name = options.text("interface");
  if (unicast && !interface_name.empty())
    options.mistake("interface", "is for multicast: leave out the address, or "
                                 "this");
  const auto fixture = dmx::read_fixture(options);
  if (!options.good())
    return nullptr;
  dmx::lamp_options made;
  made.universe_name = fmt::format("sacn {}:{} {} {}", where.host, where.port,
                                   interface_name, universe);
  made.to.host = where.host;
  made.to.port = where.port;
  made.to.interface_name = interface_name;
  made.frame = [universe](std::uint64_t sequence, std::string_view slots) {
    return sacn::data_packet({.id = sacn::own_id(), .name = "Signalbox"},
                             universe, static_cast<std::uint8_t>(sequence),
                             slots);
  };
  made.at = fixture;
  made.cure = unicast ? unicast_cure : multicast_cure;
  return dmx::make_lamp(std::move(made));
}

} // namespace signalbox::lights
