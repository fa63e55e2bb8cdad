#include "actors/event_feed.hpp"

#include <fmt/format.h>

#include <utility>

namespace signalbox {

namespace {

std::string frame(std::string_view name, std::string_view data) {
  if (name.empty())
    return fmt::format("data: {}\n\n", data);
  return fmt::format("event: {}\ndata: {}\n\n", name, data);
}

} // namespace

void event_feed::push(std::string_view name, std::string_view data) {
  auto text = frame(name, data);
  const std::scoped_lock lock{mutex_};
  if (closed_)
    return;
  if (frames_.size() == max_frames) {
    ++skipped_;
    return;
  }
  frames_.push_back(std::move(text));
  arrived_.notify_one();
}

std::optional<std::string>
event_feed::take(std::chrono::milliseconds patience) {
  std::unique_lock lock{mutex_};
  arrived_.wait_for(lock, patience,
                    [this] { return closed_ || !frames_.empty(); });
  if (closed_)
    return std::nullopt;
  std::string out;
  for (const auto& x : frames_)
    out += x;
  frames_.clear();
  if (const auto missed = std::exchange(skipped_, 0))
    out += frame("skipped", fmt::format(R"({{"events":{}}})", missed));
  return out;
}

void event_feed::close() {
  const std::scoped_lock lock{mutex_};
  closed_ = true;
  arrived_.notify_one();
}

bool event_feed::closed() const {
  const std::scoped_lock lock{mutex_};
  return closed_;
}

} // namespace signalbox
