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

/// One comparison.
struct delivery_case {
  std::string scenario;
  std::string load;
  std::uint64_t rate = 0; ///< Datagrams a second.
  std::chrono::milliseconds length{2000};
  std::uint64_t batch = 1; ///< Events a message.
  std::string destination; ///< The engine's, in TOML; "@TO@" is its port.
  std::function<result<delivery_cost>(const delivery_plan&)> floor;
  peer_task task; ///< Of the peers; without a name: none of them can do it.
};

/// Samples of two metrics. `cpu_us_per_event` is the whole process's, from the
/// datagram on, as it is the only one that peers have. `delivery_us_per_event`
/// is what of it is not spent without a destination, at the same rate in the
/// same round: that stands beside the floor.
result<samples> compare_deliveries(const settings& opts, const delivery_case& x,
                                   const server& to);

} // namespace signalbox::bench
