// Where a destination finds the answers to its requests.
#pragma once

#include "messages/delivery.hpp"

#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace signalbox {

/// Answers come from the threads of transports, sometimes many at once: they
/// are put here, and whoever waits for them is told once for all that come
/// until it looks. Thread-safe.
class answer_box {
public:
  struct entry {
    std::uint64_t request = 0; ///< As it was told to `put`.
    delivery_answer answer;
  };

  /// @param tell Tells the owner that there are answers; from any thread.
  explicit answer_box(std::function<void()> tell) : tell_(std::move(tell)) {
    // nop
  }

  /// The owner will look, so it need not be told.
  void will_look() {
    const std::lock_guard guard{mutex_};
    told_ = true;
  }

  /// What has come since the last call. If it is nothing, the owner is told of
  /// the next answer; otherwise it is to look again.
  std::vector<entry> take() {
    const std::lock_guard guard{mutex_};
    told_ = !entries_.empty();
    return std::exchange(entries_, {});
  }

  void put(std::uint64_t request, delivery_answer answer) {
    {
      const std::lock_guard guard{mutex_};
      entries_.push_back({request, std::move(answer)});
      if (std::exchange(told_, true))
        return;
    }
    tell_();
  }

private:
  std::function<void()> tell_;
  std::mutex mutex_;
  bool told_ = false;
  std::vector<entry> entries_;
};

} // namespace signalbox
