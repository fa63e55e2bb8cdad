// One subject under one load.
#pragma once

#include "bench/floors/receive.hpp"
#include "bench/load/send_load.hpp"
#include "bench/scenarios/engine.hpp"
#include "bench/scenarios/settings.hpp"
#include "messages/failure.hpp"

#include <chrono>
#include <cstdint>

namespace signalbox::bench {

struct measured {
  load_result load;
  std::uint64_t received = 0;
  std::uint64_t lost = 0;
  std::chrono::nanoseconds cpu{}; ///< Of the whole process.

  [[nodiscard]] double cpu_us_per_event() const;
};

/// Sends a warm-up and then the load to a floor that runs. The plan's port is
/// set here.
result<measured> measure(const receive_floor& floor, load_plan plan);

/// The same with an engine, until everything is delivered.
/// @param sent_before Datagrams that it got before; grows by what it gets now.
result<measured> measure(engine& subject, load_plan plan,
                         std::uint64_t& sent_before);

} // namespace signalbox::bench
