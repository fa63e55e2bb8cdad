// A load whose events tell when they were sent.
#pragma once

#include "messages/failure.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace signalbox::bench {

/// Stands once in the message of each event, followed by the time at which it
/// was sent: nanoseconds of `CLOCK_MONOTONIC`.
constexpr std::string_view sent_mark = "@sent=";

/// What to send, to 127.0.0.1.
struct timed_plan {
  std::uint16_t port = 0;
  std::uint64_t rate = 0; ///< Datagrams a second.
  std::chrono::milliseconds length{1000};
};

/// Sends the samples of Qlik's form round and round, one by one at even
/// distances, or what is due every 100 µs at once.
/// @returns How many the kernel took.
result<std::uint64_t> send_timed_load(const timed_plan& plan);

} // namespace signalbox::bench
