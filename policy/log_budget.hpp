// How often one cause may speak in the log.
#pragma once

#include "messages/clock.hpp"
#include "policy/token_bucket.hpp"

#include <cstdint>
#include <utility>

namespace signalbox {

/// A few lines at once, then one every ten seconds: what flaps must not fill
/// the log, and is still heard of. What is left out is counted, for the next
/// line to say. Not thread-safe.
class log_budget {
public:
  static constexpr double at_once = 3;
  static constexpr double per_second = 0.1;

  /// Whether to write a line now. If not, `weight` counts as left out.
  bool allows(mono_time now, std::uint64_t weight = 1) noexcept {
    if (bucket_.try_take(now))
      return true;
    left_out_ += weight;
    return false;
  }

  /// What was left out since the last call.
  std::uint64_t left_out() noexcept {
    return std::exchange(left_out_, 0);
  }

private:
  token_bucket bucket_{per_second, at_once};
  std::uint64_t left_out_ = 0;
};

} // namespace signalbox
