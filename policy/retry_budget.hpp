// How many requests may be repeated, so that trouble does not grow by them.
#pragma once

#include "messages/clock.hpp"

#include <algorithm>
#include <chrono>

namespace signalbox {

/// A budget of retries, after Finagle's RetryBudget: each request deposits a
/// part of a retry, time deposits a few more, and a retry withdraws a whole
/// one. Many requests that fail together are then not repeated all at once,
/// and a destination in trouble gets a fifth more requests than it was sent,
/// not several times as many. In any window of t seconds with n requests there
/// are at most n / 5 + t + `reserve` retries. Not thread-safe.
class retry_budget {
public:
  static constexpr unsigned requests_a_retry = 5; ///< 20 %.
  static constexpr unsigned reserve = 10;         ///< Retries saved up; full at
                                                  ///< first.

  /// What a retry costs in time: there is at least one for each of it.
  static constexpr duration cost = std::chrono::seconds{1};

  /// A first attempt was sent; retries do not count.
  void sent(mono_time now) noexcept {
    full_at_ = std::max(full_at_ - cost / requests_a_retry, now);
  }

  /// Withdraws a retry if there is one.
  bool try_retry(mono_time now) noexcept;

  /// The earliest time, `now` or later, at which `try_retry` succeeds if
  /// nothing is sent and nobody retries before.
  [[nodiscard]] mono_time ready_at(mono_time now) const noexcept;

private:
  /// When time alone will have filled the reserve.
  mono_time full_at_{};
};

} // namespace signalbox
