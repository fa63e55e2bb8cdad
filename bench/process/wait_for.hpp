// Waiting for what other processes do.
#pragma once

#include <chrono>
#include <thread>

namespace signalbox::bench {

/// Waits for a condition, which is asked every 10 ms; false if it does not come
/// true in time.
template <class Condition>
bool wait_for(Condition holds, std::chrono::nanoseconds patience) {
  using clock = std::chrono::steady_clock;
  for (const auto end = clock::now() + patience; clock::now() < end;) {
    if (holds())
      return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return holds();
}

} // namespace signalbox::bench
