// What every socket of this room is made of.
#pragma once

#include "messages/clock.hpp"

#include <utility>

namespace signalbox::net {

/// A file descriptor that closes itself.
class descriptor {
public:
  descriptor() = default;

  explicit descriptor(int fd) : fd_(fd) {
    // nop
  }

  ~descriptor();

  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {
    // nop
  }

  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  explicit operator bool() const noexcept {
    return fd_ >= 0;
  }

  [[nodiscard]] int get() const noexcept {
    return fd_;
  }

private:
  int fd_ = -1;
};

/// Waits until a socket is ready for `events` (of poll), has failed, or the
/// time has come. False: the time has come.
bool wait_until_ready(const descriptor& fd, short events, mono_time deadline);

} // namespace signalbox::net
