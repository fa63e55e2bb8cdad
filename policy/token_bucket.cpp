#include "policy/token_bucket.hpp"

#include <algorithm>
#include <cmath>

namespace signalbox {

namespace {

/// Rounding errors must not make a bucket that is ready refuse.
constexpr double almost_one = 1 - 1e-9;

constexpr std::chrono::hours longest_wait{24 * 365};

double seconds_between(mono_time from, mono_time to) noexcept {
  return std::chrono::duration<double>(to - from).count();
}

/// 0, unlimited, for what is no rate.
double valid_rate(double per_second) noexcept {
  return per_second > 0 && std::isfinite(per_second) ? per_second : 0;
}

} // namespace

token_bucket::token_bucket(double per_second, double burst)
  : per_second_(valid_rate(per_second)),
    burst_(burst > 1 ? burst : 1),
    tokens_(burst_) {
  // nop
}

bool token_bucket::try_take(mono_time now) noexcept {
  if (unlimited())
    return true;
  refill(now);
  if (tokens_ < almost_one)
    return false;
  tokens_ = std::max(tokens_ - 1, 0.0);
  return true;
}

mono_time token_bucket::ready_at(mono_time now) const noexcept {
  if (unlimited())
    return now;
  const auto latest = now + longest_wait;
  auto missing = 1 - tokens_at(now);
  while (missing > 1 - almost_one && now < latest) {
    const auto change = std::min(next_change(now), latest);
    const auto gained = rate(now) * seconds_between(now, change);
    if (gained >= missing)
      return now
             + std::chrono::ceil<duration>(
               std::chrono::duration<double>(missing / rate(now)));
    missing -= gained;
    now = change;
  }
  return now;
}

void token_bucket::slow_down(mono_time now) noexcept {
  if (unlimited())
    return;
  refill(now);
  tokens_ = 0;
  slowed_to_ = std::max(rate(now) / per_second_ / 2, slowest);
  slowed_ = now;
}

void token_bucket::charge(mono_time now, duration time) noexcept {
  if (unlimited() || time <= duration{0})
    return;
  refill(now);
  tokens_ -= rate(now) * std::chrono::duration<double>(time).count();
}

void token_bucket::lower_to(double per_second, double burst) noexcept {
  per_second = valid_rate(per_second);
  if (per_second == 0)
    return;
  if (unlimited()) {
    *this = token_bucket{per_second, burst};
    return;
  }
  per_second_ = std::min(per_second_, per_second);
  burst_ = std::min(burst_, burst > 1 ? burst : 1);
  tokens_ = std::min(tokens_, burst_);
}

double token_bucket::rate(mono_time now) const noexcept {
  const auto steps = now > slowed_ ? (now - slowed_) / recovery_step : 0;
  const auto part = slowed_to_ + recovery * static_cast<double>(steps);
  return per_second_ * std::min(part, 1.0);
}

mono_time token_bucket::next_change(mono_time now) const noexcept {
  if (rate(now) >= per_second_)
    return mono_time::max();
  const auto steps = now > slowed_ ? (now - slowed_) / recovery_step : 0;
  return slowed_ + (steps + 1) * recovery_step;
}

double token_bucket::tokens_at(mono_time now) const noexcept {
  auto tokens = tokens_;
  for (auto from = refilled_; from < now && tokens < burst_;) {
    const auto to = std::min(next_change(from), now);
    tokens += rate(from) * seconds_between(from, to);
    from = to;
  }
  return std::min(tokens, burst_);
}

void token_bucket::refill(mono_time now) noexcept {
  tokens_ = tokens_at(now);
  refilled_ = std::max(refilled_, now);
}

} // namespace signalbox
