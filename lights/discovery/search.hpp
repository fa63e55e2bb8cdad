// What is asked of a network to find lamps, protocol by protocol. No socket
// here: `net::inquire` sends the questions and brings the answers.
#pragma once

#include "lights/discovery/finding.hpp"
#include "net/inquiry.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace signalbox::lights {

/// One protocol's search on one network. Remembers 256 answers at most.
class search : public net::inquiry {
public:
  [[nodiscard]] virtual std::vector<finding> found() const = 0;
};

inline constexpr std::size_t max_findings = 256;

using search_ptr = std::unique_ptr<search>;

/// What tells answers to this search from others; random, not 0.
using search_id = std::uint32_t;

/// Hue, WLED, Nanoleaf and Shelly, which announce themselves by multicast DNS.
search_ptr make_mdns_search(search_id id);

/// SSDP, as Yeelight speaks it, on a port of its own (Yeelight WiFi Light
/// Inter-Operation Specification, section 3.1).
search_ptr make_yeelight_search(search_id id);

/// GetService, broadcast (LIFX LAN protocol).
search_ptr make_lifx_search(search_id id);

struct search_protocol {
  std::string_view asks_for; ///< For people: what, and by which datagrams.
  search_ptr (*make)(search_id id);
};

/// All of them.
std::span<const search_protocol> search_protocols() noexcept;

} // namespace signalbox::lights
