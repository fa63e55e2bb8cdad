// What delivering costs when nothing else is done: the floors of the engine's
// outputs.
#pragma once

#include "messages/failure.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::bench {

/// How much is delivered, and how fast.
struct delivery_plan {
  std::uint16_t port = 0;  ///< Of the server, on 127.0.0.1.
  std::uint64_t count = 0; ///< Messages.
  double rate = 0;         ///< Messages a second; 0: as fast as it can.
  /// From one burst to the next, as the load generator's.
  std::chrono::nanoseconds step = std::chrono::microseconds{100};
};

/// What it took from the first message, over a connection that was there, to
/// the last answer.
struct delivery_cost {
  std::chrono::nanoseconds cpu{}; ///< Of the whole process.
  std::chrono::nanoseconds took{};
};

/// Publishes with libmosquitto on one thread, which also reads the answers:
/// neither `mosquitto_loop_start` nor a wake-up between threads.
struct mqtt_floor {
  int qos = 1;
  std::size_t window = 20; ///< Unacknowledged messages, as in the engine.
  std::vector<std::pair<std::string, std::string>>
    messages; ///< Topic, payload.
};
result<delivery_cost> run_floor(const mqtt_floor& what,
                                const delivery_plan& plan);

/// Posts JSON with libcurl's multi interface on one thread, over connections
/// that are kept.
struct http_floor {
  std::size_t concurrency = 1; ///< Requests at once, each on its connection.
  std::vector<std::string> headers;
  std::vector<std::string> bodies;
};
result<delivery_cost> run_floor(const http_floor& what,
                                const delivery_plan& plan);

/// How many messages are due, for whoever sends them in bursts.
class pace {
public:
  explicit pace(const delivery_plan& plan);

  /// Messages that should have been sent by now, all in all.
  [[nodiscard]] std::uint64_t due() const;

  /// Until the next burst; none if there is nothing to wait for.
  [[nodiscard]] std::chrono::nanoseconds rest() const;

private:
  using clock = std::chrono::steady_clock;

  delivery_plan plan_;
  clock::time_point start_ = clock::now();
};

/// Runs a body in a process of its own, which measures itself from the moment
/// it is told to. The body tells what has failed, or an empty text.
/// @param body Gets what is to be called when it is ready to start.
result<delivery_cost> measure_apart(
  const std::function<std::string(const std::function<void()>& ready)>& body);

} // namespace signalbox::bench
