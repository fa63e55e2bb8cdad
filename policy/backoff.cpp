#include "policy/backoff.hpp"

#include <algorithm>

namespace signalbox {

backoff::backoff(duration initial, duration max, std::uint64_t seed)
  : initial_(std::clamp(initial, duration{0}, std::max(max, duration{0}))),
    max_(std::max(max, duration{0})),
    ceiling_(initial_),
    random_(seed) {
  // nop
}

duration backoff::next() {
  std::uniform_int_distribution<duration::rep> pause{0, ceiling_.count()};
  // Halving instead of doubling cannot overflow.
  ceiling_ = ceiling_ > max_ / 2 ? max_ : ceiling_ * 2;
  ++attempts_;
  return duration{pause(random_)};
}

void backoff::reset() {
  ceiling_ = initial_;
  attempts_ = 0;
}

} // namespace signalbox
