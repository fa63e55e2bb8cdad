// How long to wait before the next attempt.
#pragma once

#include "messages/clock.hpp"

#include <cstdint>
#include <random>

namespace signalbox {

/// Exponential backoff with full jitter: the n-th pause is drawn evenly from
/// [0, min(max, initial · 2ⁿ)], so that many who failed together do not come
/// back together. The same seed gives the same pauses.
class backoff {
public:
  backoff(duration initial, duration max, std::uint64_t seed);

  /// The pause before the next attempt; each call doubles the range.
  duration next();

  /// An attempt succeeded: begins with the smallest range again.
  void reset();

  /// Calls of `next` since the last `reset`.
  [[nodiscard]] unsigned attempts() const noexcept {
    return attempts_;
  }

private:
  duration initial_;
  duration max_;
  duration ceiling_; ///< Of the next pause.
  unsigned attempts_ = 0;
  std::mt19937_64 random_;
};

} // namespace signalbox
