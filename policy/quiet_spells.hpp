// When a process has little to do.
#pragma once

#include "messages/clock.hpp"

#include <chrono>

namespace signalbox {

/// Looks at a process's CPU time, spell by spell. Pure: both times are
/// arguments. Not thread-safe.
class quiet_spells {
public:
  static constexpr duration length = std::chrono::seconds{5};

  /// A spell in which more of one core's time was spent is not quiet: a
  /// fiftieth.
  static constexpr duration most = length / 50;

  /// The first spell begins now.
  /// @param cpu What the process has spent so far.
  quiet_spells(mono_time now, duration cpu) noexcept
    : begin_(now), spent_(cpu) {
    // nop
  }

  /// Whether a spell is over that was quiet: told once for each. Call it often.
  bool ended(mono_time now, duration cpu) noexcept {
    if (now - begin_ < length)
      return false;
    const bool was_quiet = cpu - spent_ <= most;
    begin_ = now;
    spent_ = cpu;
    return was_quiet;
  }

private:
  mono_time begin_;
  duration spent_;
};

} // namespace signalbox
