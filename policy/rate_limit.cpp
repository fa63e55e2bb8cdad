#include "policy/rate_limit.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace signalbox {

namespace {

/// At most a century, so that no sum of times overflows.
duration to_duration(double nanoseconds) {
  constexpr duration century = std::chrono::hours{24 * 365 * 100};
  if (nanoseconds >= static_cast<double>(century.count()))
    return century;
  return duration{std::llround(nanoseconds)};
}

duration between_tokens(double per_second) {
  return std::max(to_duration(1e9 / per_second), duration{1});
}

} // namespace

rate_limit::rate_limit(double per_second, double burst, std::size_t max_keys)
  : interval_(between_tokens(per_second)),
    tolerance_(to_duration(static_cast<double>(interval_.count())
                           * std::max(burst - 1, 0.0))),
    full_again_(interval_ + tolerance_, max_keys) {
  // nop
}

bool rate_limit::has_token(const bucket& x, mono_time now) {
  const auto& full = x.value();
  if (!full || *full - now <= tolerance_)
    return true;
  full_again_.put(x, *full);
  return false;
}

void rate_limit::take_token(const bucket& x, mono_time now) {
  full_again_.put(x, std::max(x.value().value_or(now), now) + interval_);
}

} // namespace signalbox
