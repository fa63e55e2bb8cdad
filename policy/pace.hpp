// How fast one account may be asked, by all that ask it.
#pragma once

#include "messages/clock.hpp"
#include "policy/token_bucket.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace signalbox {

/// The rate of an account: a token bucket, and the pause that the other side
/// asked for. Destinations with the same host and credentials share one, since
/// the other side counts their requests together. Thread-safe.
class pace {
public:
  /// The part of the interval between two requests by which `arrived` delays
  /// the next one at most. Slow answers cost a fifth of the rate at most.
  static constexpr double largest_delay = 0.25;

  /// @param per_second Requests a second; 0: unlimited, but for the pause.
  /// @param burst Requests at once; below 1 counts as 1.
  pace(double per_second, double burst);

  /// Takes leave for one request if there is one and no pause.
  bool try_take(mono_time now);

  /// The earliest time, `now` or later, at which `try_take` succeeds if nobody
  /// else takes leave before.
  [[nodiscard]] mono_time ready_at(mono_time now) const;

  /// The other side said that we are too fast (a 429): see
  /// `token_bucket::slow_down`.
  void slow_down(mono_time now);

  /// The other side asked for silence until then (`Retry-After`). The longest
  /// that was asked for holds.
  void pause_until(mono_time then);

  /// A request that was sent was answered. The other side may have seen it as
  /// late as its answer came, by a slow connection, and counts from there: the
  /// next one is delayed by as much, up to `largest_delay`. With one request
  /// at a time, a burst of 1, and answers within that delay, no two requests
  /// arrive closer together than the rate allows.
  void arrived(mono_time sent, mono_time answered);

  /// Somebody joins whose rate is this: the smaller rate and the smaller burst
  /// rule from now on; 0, unlimited, changes nothing.
  void lower_to(double per_second, double burst);

  /// Requests a second at `now`; 0: unlimited.
  [[nodiscard]] double rate(mono_time now) const;

private:
  mutable std::mutex mutex_;
  token_bucket bucket_;
  mono_time paused_until_ = mono_time::min();
};

/// Hands the same pace to all that ask for the same account, as long as any of
/// them holds it. Thread-safe.
class paces {
public:
  /// The pace of `account` (`driver::account`), lowered to this rate if it was
  /// there before; one of its own if `account` is empty.
  std::shared_ptr<pace> find(const std::string& account, double per_second,
                             double burst);

  /// Accounts that somebody holds.
  [[nodiscard]] std::size_t size() const;

private:
  mutable std::mutex mutex_;
  std::map<std::string, std::weak_ptr<pace>> held_;
};

} // namespace signalbox
