// How fast something may be done.
#pragma once

#include "messages/clock.hpp"

#include <chrono>

namespace signalbox {

/// A token bucket: full at first, refilled continuously, one token an action.
/// In any window of t seconds it passes at most rate · t + burst actions. It
/// also learns: `slow_down` halves the rate, which recovers by itself. Not
/// thread-safe.
class token_bucket {
public:
  /// The slowest that `slow_down` makes it, as a part of the configured rate.
  static constexpr double slowest = 1.0 / 64;

  /// What comes back of the configured rate after each `recovery_step` without
  /// a further `slow_down`: from the slowest to full in 100 seconds.
  static constexpr double recovery = 0.1;
  static constexpr duration recovery_step = std::chrono::seconds{10};

  /// @param per_second Tokens a second; 0: unlimited, whatever is said to it.
  /// @param burst Tokens that it holds; below 1 counts as 1.
  token_bucket(double per_second, double burst);

  /// Takes a token if there is one.
  bool try_take(mono_time now) noexcept;

  /// The earliest time, `now` or later, at which `try_take` succeeds if nobody
  /// takes a token before; at most a year ahead.
  [[nodiscard]] mono_time ready_at(mono_time now) const noexcept;

  /// The other side said that we are too fast (a 429): halves the present rate
  /// and empties the bucket.
  void slow_down(mono_time now) noexcept;

  /// Takes the tokens of so much time, which the bucket may then owe: the next
  /// one comes that much later.
  void charge(mono_time now, duration time) noexcept;

  /// Lowers the rate and the burst to these where they are smaller. A rate of
  /// 0 is unlimited here, too, and its burst has no meaning.
  void lower_to(double per_second, double burst) noexcept;

  /// Tokens a second at `now`; 0: unlimited.
  [[nodiscard]] double rate(mono_time now) const noexcept;

private:
  [[nodiscard]] bool unlimited() const noexcept {
    return per_second_ == 0;
  }

  /// When the rate next changes by itself, seen from `now`.
  [[nodiscard]] mono_time next_change(mono_time now) const noexcept;

  /// Tokens in the bucket at `now`.
  [[nodiscard]] double tokens_at(mono_time now) const noexcept;

  void refill(mono_time now) noexcept;

  double per_second_;
  double burst_;
  double tokens_;
  mono_time refilled_ = mono_time::min();
  double slowed_to_ = 1; ///< Part of the configured rate, at `slowed_`.
  mono_time slowed_{};
};

} // namespace signalbox
