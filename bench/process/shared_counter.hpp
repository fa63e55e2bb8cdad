// A number that a child process counts up and its parent reads.
#pragma once

#include "messages/failure.hpp"

#include <atomic>
#include <cstdint>

namespace signalbox::bench {

/// A counter in memory that is shared with the processes that are forked while
/// it exists.
class shared_counter {
public:
  static result<shared_counter> make();

  ~shared_counter();
  shared_counter(shared_counter&& other) noexcept;
  shared_counter(const shared_counter&) = delete;
  shared_counter& operator=(const shared_counter&) = delete;
  shared_counter& operator=(shared_counter&&) = delete;

  void add(std::uint64_t n) noexcept {
    value_->fetch_add(n, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_->load(std::memory_order_relaxed);
  }

private:
  using number = std::atomic<std::uint64_t>;

  explicit shared_counter(number* value) : value_(value) {
    // nop
  }

  number* value_;
};

} // namespace signalbox::bench
