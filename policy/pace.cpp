#include "policy/pace.hpp"

#include <algorithm>
#include <chrono>

namespace signalbox {

pace::pace(double per_second, double burst) : bucket_(per_second, burst) {
  // nop
}

bool pace::try_take(mono_time now) {
  const std::lock_guard guard{mutex_};
  return now >= paused_until_ && bucket_.try_take(now);
}

mono_time pace::ready_at(mono_time now) const {
  const std::lock_guard guard{mutex_};
  return bucket_.ready_at(std::max(now, paused_until_));
}

void pace::slow_down(mono_time now) {
  const std::lock_guard guard{mutex_};
  bucket_.slow_down(now);
}

void pace::pause_until(mono_time then) {
  const std::lock_guard guard{mutex_};
  paused_until_ = std::max(paused_until_, then);
}

void pace::arrived(mono_time sent, mono_time answered) {
  const std::lock_guard guard{mutex_};
  const auto per_second = bucket_.rate(answered);
  if (per_second == 0)
    return;
  using seconds = std::chrono::duration<double>;
  const seconds late =
    std::min<seconds>(answered - sent, seconds{largest_delay / per_second});
  bucket_.charge(answered, std::chrono::ceil<duration>(late));
}

void pace::lower_to(double per_second, double burst) {
  const std::lock_guard guard{mutex_};
  bucket_.lower_to(per_second, burst);
}

double pace::rate(mono_time now) const {
  const std::lock_guard guard{mutex_};
  return bucket_.rate(now);
}

std::shared_ptr<pace> paces::find(const std::string& account, double per_second,
                                  double burst) {
  if (account.empty())
    return std::make_shared<pace>(per_second, burst);
  const std::lock_guard guard{mutex_};
  std::erase_if(held_, [](const auto& x) { return x.second.expired(); });
  auto& place = held_[account];
  if (auto known = place.lock()) {
    known->lower_to(per_second, burst);
    return known;
  }
  auto made = std::make_shared<pace>(per_second, burst);
  place = made;
  return made;
}

std::size_t paces::size() const {
  const std::lock_guard guard{mutex_};
  return static_cast<std::size_t>(std::ranges::count_if(
    held_, [](const auto& x) { return !x.second.expired(); }));
}

} // namespace signalbox
