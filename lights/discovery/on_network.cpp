#include "lights/discovery/on_network.hpp"

#include "lights/discovery/search.hpp"

#include <array>
#include <random>

namespace signalbox::lights {

namespace {

constexpr std::array protocols{
  search_protocol{"Hue, WLED, Nanoleaf and Shelly by multicast DNS "
                  "(224.0.0.251, UDP port 5353)",
                  make_mdns_search},
  search_protocol{"Yeelight by SSDP (239.255.255.250, UDP port 1982)",
                  make_yeelight_search},
  search_protocol{"LIFX by broadcast (UDP port 56700)", make_lifx_search},
};

} // namespace

std::span<const search_protocol> search_protocols() noexcept {
  return protocols;
}

network_findings find_on_network(std::span<const net::network_interface> at,
                                 duration time) {
  std::random_device random;
  std::uniform_int_distribution<search_id> ids{1};
  std::vector<search_ptr> searches;
  std::vector<net::inquiry_place> places;
  for (const auto& interface : at)
    for (const auto& protocol : protocols) {
      searches.push_back(protocol.make(ids(random)));
      places.push_back({interface, searches.back().get()});
    }
  network_findings out;
  out.troubles = net::inquire(places, {.time = time});
  for (const auto& x : searches)
    for (auto& lamp : x->found())
      out.lamps.push_back(std::move(lamp));
  return out;
}

} // namespace signalbox::lights
