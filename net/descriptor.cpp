#include "net/descriptor.hpp"

#include <algorithm>
#include <chrono>
#include <poll.h>
#include <unistd.h>

namespace signalbox::net {

descriptor::~descriptor() {
  if (fd_ >= 0)
    ::close(fd_);
}

bool wait_until_ready(const descriptor& fd, short events, mono_time deadline) {
  using std::chrono::milliseconds;
  constexpr milliseconds longest{60'000}; // fits an int; then it looks again
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(
      deadline - std::chrono::steady_clock::now());
    const auto wait = std::clamp(left, milliseconds{0}, longest);
    pollfd waiting{fd.get(), events, 0};
    if (poll(&waiting, 1, static_cast<int>(wait.count())) > 0)
      return true;
    if (left <= wait)
      return false;
  }
}

} // namespace signalbox::net
