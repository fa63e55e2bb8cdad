// What a sink does with what is delivered to it: it counts.
#pragma once

#include "bench/sinks/delays.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::bench {

/// What has arrived at a sink, in memory that it shares with who asks.
struct arrivals {
  std::atomic<std::uint64_t> messages{0}; ///< Publications, requests.
  std::atomic<std::uint64_t> bytes{0};    ///< Of their payloads or bodies.
  std::atomic<std::uint64_t> marks{0};    ///< In all of them.
  delays under_way;                       ///< Of what tells when it was sent.
};

/// Counts messages for one sink.
class intake {
public:
  /// @param mark A text that each event holds once, so that events can be
  ///             counted whatever form they have. Digits behind it are the time
  ///             at which the event was sent, in nanoseconds of
  ///             `CLOCK_MONOTONIC`. Empty: nothing is looked for.
  intake(arrivals& seen, std::string mark);

  /// What is added from now on has arrived now.
  void at(std::chrono::steady_clock::time_point now) noexcept {
    now_ = now;
  }

  /// One message has arrived.
  void add(std::string_view body) noexcept;

  /// Shows what was added; cheaper once for many messages.
  void publish() noexcept;

private:
  void look_for_marks(std::string_view body) noexcept;

  arrivals& seen_;
  std::string mark_;
  std::chrono::steady_clock::time_point now_;
  std::uint64_t messages_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t marks_ = 0;
};

/// A protocol as a sink understands it: takes all whole messages from the front
/// of `input`, adds them to `in`, and appends what a client waits for to
/// `answers`.
/// @returns How many bytes it took; nothing if this is not its protocol.
using protocol = std::optional<std::size_t> (*)(std::string_view input,
                                                intake& in,
                                                std::string& answers);

/// MQTT 3.1.1 as a broker sees it, of which nobody subscribes: CONNECT, PUBLISH
/// with QoS 0 and 1, PINGREQ, DISCONNECT.
std::optional<std::size_t> take_mqtt(std::string_view input, intake& in,
                                     std::string& answers);

/// HTTP/1.1: requests with `Content-Length` or without a body, over connections
/// that are kept. Each is answered with 200 and an empty JSON object; GET and
/// HEAD are answered, but no messages.
std::optional<std::size_t> take_http(std::string_view input, intake& in,
                                     std::string& answers);

/// Plain lines, as a relay sends them; nothing is answered.
std::optional<std::size_t> take_lines(std::string_view input, intake& in,
                                      std::string& answers);

} // namespace signalbox::bench
