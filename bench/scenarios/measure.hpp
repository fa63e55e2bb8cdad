// One subject under one load.
#pragma once

#include "bench/floors/receive.hpp"
#include "bench/load/send_load.hpp"
#include "bench/scenarios/engine.hpp"
#include "bench/scenarios/settings.hpp"
#include "messages/failure.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace signalbox::bench {

struct measured {
  load_result load;
  std::uint64_t received = 0;
  std::uint64_t lost = 0;
  std::chrono::nanoseconds cpu{}; ///< Of the whole process.

  [[nodiscard]] double cpu_us_per_event() const;

  /// Of those that were sent.
  [[nodiscard]] double lost_share() const;

  /// Received a second, while the load lasted.
  [[nodiscard]] double events_per_second() const;
};

/// Sends a load to a floor that runs. The plan's port is set here.
result<measured> measure(const receive_floor& floor, load_plan plan);

/// The same with an engine, until everything is delivered.
/// @param sent_before Datagrams that it got before; grows by what it gets now.
result<measured> measure(engine& subject, load_plan plan,
                         std::uint64_t& sent_before);

/// The same after a warm-up.
result<measured> measure_warm(engine& subject, const load_plan& plan,
                              std::uint64_t& sent_before);

/// What is sent before a load: memory is mapped, caches are filled.
load_plan warm_up(load_plan plan);

/// Starts a floor for one load, and warms it up.
result<measured> measure_floor(const receive_work& work, const load_plan& plan);

/// Starts an engine for one load, warms it up, and stops it in the end.
result<measured> measure_engine(const settings& opts, const std::string& config,
                                const load_plan& plan);

/// A load of so long, whose rate must be held; shorter and not so strict in a
/// smoke test. And what a report calls it: "qlik 100000/s".
load_plan paced(const settings& opts, wire_form form, std::uint64_t rate,
                std::chrono::milliseconds length);
std::string name_of(const load_plan& plan);

/// The configuration of a journal in memory or on disk ("memory", "sqlite"),
/// behind a limit that lets all events pass but looks each one up.
std::string journal_config(const std::string& store);

} // namespace signalbox::bench
