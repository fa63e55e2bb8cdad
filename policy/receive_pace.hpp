// When to look again for datagrams.
#pragma once

#include "messages/clock.hpp"

#include <chrono>
#include <cstddef>

namespace signalbox {

/// Gathers datagrams into rounds: a wake-up, here and in every actor behind,
/// costs far more than an event, so under load it is cheaper to let some arrive
/// while nobody looks. Where little arrives nobody waits. Pure: time is an
/// argument. Not thread-safe.
class receive_pace {
public:
  /// The longest pause: what gathering may add to an event's latency.
  static constexpr duration longest = std::chrono::microseconds(750);

  /// A pause that is expected to gather fewer datagrams is not made.
  static constexpr std::size_t worth_it = 3;

  /// @param full Datagrams that one receive takes at most.
  /// @param most Datagrams that may wait while nobody looks, as far as the
  ///   socket's buffer surely holds them.
  receive_pace(std::size_t full, std::size_t most) noexcept;

  /// How long to wait before the next receive; zero: not at all.
  /// @param received Datagrams that the last receive brought at `now`, 1 or
  ///   more.
  duration pause_after(std::size_t received, mono_time now) noexcept;

private:
  std::size_t full_;
  double most_;
  double rate_ = 0; ///< Datagrams a second, as of `last_`.
  mono_time last_ = mono_time::min();
};

} // namespace signalbox
