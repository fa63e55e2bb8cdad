#include "policy/receive_pace.hpp"

#include <algorithm>
#include <cmath>

namespace signalbox {

namespace {

using seconds = std::chrono::duration<double>;

// How fast the estimate follows: long against a pause, short against a person.
constexpr seconds memory{0.005};

// Two receives that follow each other at once tell nothing of a rate.
constexpr seconds shortest{1e-5};

} // namespace

receive_pace::receive_pace(std::size_t full, std::size_t most) noexcept
  : full_(full), most_(static_cast<double>(most)) {
  // nop
}

duration receive_pace::pause_after(std::size_t received,
                                   mono_time now) noexcept {
  const auto count = static_cast<double>(received);
  if (last_ == mono_time::min()) {
    last_ = now;
    return duration{0};
  }
  const auto passed = std::max<seconds>(now - last_, shortest);
  last_ = now;
  rate_ += -std::expm1(-passed / memory) * (count / passed.count() - rate_);
  // More wait already.
  if (received >= full_)
    return duration{0};
  const auto pause = std::min<seconds>(seconds{most_ / rate_}, longest);
  if (pause.count() * rate_ < static_cast<double>(worth_it))
    return duration{0};
  return std::chrono::duration_cast<duration>(pause);
}

} // namespace signalbox
