// What delivering costs: the engine, its floor and its peers before the same
// server.
#pragma once

#include "bench/floors/delivery.hpp"
#include "bench/peers/peer.hpp"
#include "bench/scenarios/samples.hpp"
#include "bench/scenarios/settings.hpp"
#include "bench/sinks/intake.hpp"
#include "messages/failure.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace signalbox::bench {

/// A server to deliver to.
struct server {
  std::uint16_t port = 0;
  /// What it has counted; null if it is one that does not count.
  const arrivals* seen = nullptr;
  bool marked = false; ///< Its messages hold several events, each with a mark.

  [[nodiscard]] std::uint64_t events() const;
};

/// The metric of what delivering costs, in µs CPU an event.
inline constexpr const char* delivery_us = "delivery_us_per_event";

/// One comparison.
struct delivery_case {
  std::string scenario;
  std::string name;          ///< Begins that of the load: "qos 1".
  std::uint64_t rate = 0;    ///< Datagrams a second.
  std::uint64_t backlog = 0; ///< Events, a multiple of `batch`.
  std::uint64_t batch = 1;   ///< Events a message.
  std::string destination;   ///< The engine's, in TOML; "@TO@" is its port.
  std::function<result<delivery_cost>(const delivery_plan&)> floor;
  peer_task task; ///< Of the peers; without a name: none of them can do it.
};

/// Events that are delivered as they arrive, at an even rate. Samples of two
/// metrics: `cpu_us_per_event` is the whole process's, from the datagram on, as
/// it is the only one that peers have. `delivery_us_per_event` is what of it is
/// not spent without a destination, at the same rate in the same round, and
/// stands beside the floor at that rate.
result<samples> compare_deliveries(const settings& opts,
                                   const delivery_case& what, const server& to);

/// Events that have arrived before their server is there, which then takes them
/// as fast as it can: no datagram is received meanwhile, and nobody waits for
/// the next one. `delivery_us_per_event` stands beside the floor without pace.
result<samples> compare_backlogs(const settings& opts,
                                 const delivery_case& what, protocol speaks,
                                 const std::string& mark);

} // namespace signalbox::bench
