// Credit: the bound on batches in flight between ingest and journal. Mailboxes
// are unbounded in CAF, so this is what keeps memory bounded under a flood.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <semaphore>
#include <utility>

namespace signalbox {

class credit_token;

/// A number of batches that one ingest may have in flight. Thread-safe; shared
/// by the ingest that spends it and the tokens that give it back.
class credit_line : public std::enable_shared_from_this<credit_line> {
public:
  explicit credit_line(std::uint32_t batches) : free_(batches) {
    // nop
  }

  /// Takes one token, waiting up to `patience` for one to come back. The token
  /// is empty when none did.
  credit_token take(std::chrono::milliseconds patience);

private:
  friend class credit_token;

  std::counting_semaphore<> free_;
};

/// One batch's worth of credit. Travels with the batch and is given back on
/// destruction, so that a batch lost with a failed actor returns its credit.
class credit_token {
public:
  credit_token() = default;

  explicit credit_token(std::shared_ptr<credit_line> line)
    : line_(std::move(line)) {
    // nop
  }

  credit_token(credit_token&&) noexcept = default;

  credit_token& operator=(credit_token&& other) noexcept {
    give_back();
    line_ = std::move(other.line_);
    return *this;
  }

  credit_token(const credit_token&) = delete;
  credit_token& operator=(const credit_token&) = delete;

  ~credit_token() {
    give_back();
  }

  explicit operator bool() const noexcept {
    return line_ != nullptr;
  }

  /// Returns the credit early; the token is empty afterwards.
  void give_back() noexcept {
    if (auto line = std::exchange(line_, nullptr))
      line->free_.release();
  }

private:
  std::shared_ptr<credit_line> line_;
};

inline credit_token credit_line::take(std::chrono::milliseconds patience) {
  if (!free_.try_acquire_for(patience))
    return {};
  return credit_token{shared_from_this()};
}

} // namespace signalbox
