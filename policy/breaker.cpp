#include "policy/breaker.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace signalbox {

namespace {

constexpr std::array names{
  std::string_view{"closed"},
  std::string_view{"open"},
  std::string_view{"half_open"},
};

static_assert(names.size() == static_cast<std::size_t>(breaker_state::count),
              "each state has a name");

} // namespace

std::string_view to_string(breaker_state state) noexcept {
  return names[static_cast<std::size_t>(state)];
}

breaker::breaker(unsigned failures_to_open, duration initial_pause,
                 duration max_pause) noexcept
  : failures_to_open_(std::max(failures_to_open, 1U)),
    initial_pause_(std::min(initial_pause, max_pause)),
    max_pause_(max_pause),
    pause_(initial_pause_) {
  // nop
}

bool breaker::allows(mono_time now) noexcept {
  if (state_ == breaker_state::open && now >= retry_at_) {
    state_ = breaker_state::half_open;
    return true;
  }
  return state_ == breaker_state::closed;
}

void breaker::succeeded() noexcept {
  state_ = breaker_state::closed;
  failures_ = 0;
  pause_ = initial_pause_;
}

void breaker::failed(mono_time now) noexcept {
  if (state_ == breaker_state::half_open || ++failures_ >= failures_to_open_)
    trip(now);
}

void breaker::trip(mono_time now) noexcept {
  if (state_ == breaker_state::open)
    return;
  state_ = breaker_state::open;
  failures_ = 0;
  retry_at_ = now + pause_;
  pause_ = pause_ > max_pause_ / 2 ? max_pause_ : pause_ * 2;
}

} // namespace signalbox
