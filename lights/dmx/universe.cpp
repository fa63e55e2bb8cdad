#include "lights/dmx/universe.hpp"

#include <algorithm>
#include <map>
#include <thread>
#include <utility>

namespace signalbox::lights::dmx {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::microseconds frame_time{1'000'000 / universe::max_rate};

// Less than what fixtures wait before they are told again: clocks differ by a
// little, and a frame that is left out is missing for all that time.
constexpr auto repeat_after = universe::refresh - 2 * frame_time;

} // namespace

universe::universe(net::datagram_options to, frame_writer frame)
  : out_(std::move(to)),
    frame_(std::move(frame)),
    slots_(slots, '\0'),
    owners_(slots, nullptr) {
  // nop
}

write_answer universe::show(const void* owner, std::size_t channel,
                            std::string_view values) {
  std::unique_lock lock{mutex_};
  const auto first = channel - 1;
  const auto same =
    std::string_view{slots_}.substr(first, values.size()) == values;
  slots_.replace(first, values.size(), values);
  std::fill_n(owners_.begin() + static_cast<std::ptrdiff_t>(first),
              values.size(), owner);
  if (same && sequence_ > 0 && told_changes_ == changes_
      && last_answer_.error.empty()
      && steady_clock::now() < last_frame_ + repeat_after)
    return {};
  const auto change = ++changes_;
  const auto turn = last_frame_ + frame_time;
  lock.unlock();
  std::this_thread::sleep_until(turn);
  lock.lock();
  if (told_changes_ >= change)
    return last_answer_;
  told_changes_ = changes_;
  last_frame_ = steady_clock::now();
  last_answer_ = out_.send(frame_(sequence_++, slots_), last_frame_);
  return last_answer_;
}

void universe::leave(const void* owner) {
  const std::lock_guard lock{mutex_};
  for (std::size_t i = 0; i < owners_.size(); ++i) {
    if (owners_[i] != owner)
      continue;
    owners_[i] = nullptr;
    slots_[i] = '\0';
  }
}

std::shared_ptr<universe>
universe::shared(const std::string& name,
                 const std::function<std::shared_ptr<universe>()>& make) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<universe>> all;
  const std::lock_guard lock{mutex};
  std::erase_if(all, [](const auto& x) { return x.second.expired(); });
  auto& known = all[name];
  auto x = known.lock();
  if (!x) {
    x = make();
    known = x;
  }
  return x;
}

fixture_writer::fixture_writer(std::shared_ptr<universe> where,
                               std::size_t channel)
  : where_(std::move(where)), channel_(channel) {
  // nop
}

fixture_writer::~fixture_writer() {
  where_->leave(this);
}

write_answer fixture_writer::write(const write_request& request) {
  return where_->show(this, channel_, request.bytes);
}

} // namespace signalbox::lights::dmx
