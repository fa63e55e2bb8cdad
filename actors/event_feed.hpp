// What one viewer of `GET /api/events` still has to read: filled by
// `telemetry`, drained by a thread of the admin server. Bounded: a slow viewer
// misses events and is told how many.
#pragma once

#include "messages/event.hpp"
#include "policy/match.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

namespace signalbox {

/// Thread-safe.
class event_feed {
public:
  static constexpr std::size_t max_frames = 512;

  explicit event_feed(matcher filter) : filter_(std::move(filter)) {
    // nop
  }

  /// True if the viewer asked for events like this one.
  [[nodiscard]] bool wants(const event& x) const {
    return filter_.holds(x);
  }

  /// Adds one server-sent event (HTML standard, 9.2); `name` may be empty.
  void push(std::string_view name, std::string_view data);

  /// All frames there are, after waiting for the first; empty when none came
  /// in time, absent once closed.
  std::optional<std::string> take(std::chrono::milliseconds patience);

  /// Either side ends the conversation.
  void close();
  [[nodiscard]] bool closed() const;

private:
  matcher filter_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::string> frames_;
  std::uint64_t skipped_ = 0;
  bool closed_ = false;
};

} // namespace signalbox
