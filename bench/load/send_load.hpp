// A paced stream of user events, as Qlik Sense's proxies would send them.
#pragma once

#include "bench/load/samples.hpp"
#include "messages/failure.hpp"

#include <chrono>
#include <cstdint>

namespace signalbox::bench {

/// What to send, to 127.0.0.1.
struct load_plan {
  std::uint16_t port = 0;
  wire_form form = wire_form::qlik;
  std::uint64_t rate = 0; ///< Datagrams a second, of all senders together.
  std::chrono::milliseconds length{1000};
  unsigned senders = 1; ///< Threads, each with a socket of its own.
  /// The kernel splits large buffers into datagrams, which are all of one
  /// length then (UDP GSO): costs the sender about a third.
  bool segmented = false;
  /// From one burst to the next; a slow load sends single datagrams at even
  /// distances instead.
  std::chrono::nanoseconds step = std::chrono::microseconds{100};
  bool must_hold = false; ///< A rate that is not held is a failure.
};

struct load_result {
  std::uint64_t sent = 0; ///< Datagrams that the kernel took.
  std::chrono::nanoseconds took{};
  std::chrono::nanoseconds cpu{};   ///< The senders' own.
  std::chrono::nanoseconds delay{}; ///< How late the latest burst was.

  [[nodiscard]] double rate() const; ///< Datagrams a second, as sent.
};

/// Sends the samples round and round. A sender that falls behind catches up at
/// once, so that the mean rate holds; one that cannot is seen in `took`. Fails
/// when the kernel refuses a datagram, as it does when nobody listens, and when
/// the rate is not held that must be.
result<load_result> send_load(const load_plan& plan);

/// Whether the rate was what the plan asks for, within two percent: if not, the
/// machine is too slow or too busy to say anything about that rate.
bool held_pace(const load_plan& plan, const load_result& x);

} // namespace signalbox::bench
