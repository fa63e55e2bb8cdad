// When a process begins to have little to do.
#pragma once

#include "messages/clock.hpp"

#include <chrono>
#include <utility>

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

  /// Whether a quiet spell is over, the first one or the first after a busy
  /// one: told once. Call it often.
  bool began(mono_time now, duration cpu) noexcept {
    if (now - begin_ < length)
      return false;
    const bool was_quiet = std::exchange(is_quiet_, cpu - spent_ <= most);
    begin_ = now;
    spent_ = cpu;
    return is_quiet_ && !was_quiet;
  }

private:
  mono_time begin_;
  duration spent_;
  bool is_quiet_ = false; ///< The last spell.
};

} // namespace signalbox
