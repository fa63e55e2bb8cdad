// Whether a destination that keeps failing should be asked at all.
#pragma once

#include "messages/clock.hpp"

#include <cstdint>
#include <string_view>

namespace signalbox {

enum class breaker_state : std::uint8_t {
  closed,    ///< All is well: everything may pass.
  open,      ///< Nothing may pass before `retry_at`.
  half_open, ///< One probe is on its way; its outcome decides.
  count,     ///< Number of states; no breaker is in it.
};

/// "closed", "open", "half_open".
std::string_view to_string(breaker_state state) noexcept;

/// A circuit breaker. Each pause without a success in between is twice as long
/// as the one before. Not thread-safe.
class breaker {
public:
  /// @param failures_to_open Failures in a row; 0 counts as 1.
  breaker(unsigned failures_to_open, duration initial_pause,
          duration max_pause) noexcept;

  /// Whether a request may be made now. After the pause it says so exactly
  /// once: that request is the probe, whose outcome must be reported.
  bool allows(mono_time now) noexcept;

  /// A request succeeded: closes, whatever the state.
  void succeeded() noexcept;

  /// A request failed. Opens after enough failures in a row, and at once when
  /// it was the probe. Late answers to what was sent before it opened do not
  /// prolong the pause.
  void failed(mono_time now) noexcept;

  /// The destination itself is at fault: opens at once.
  void trip(mono_time now) noexcept;

  /// While open, when the probe may be sent; otherwise without a meaning.
  [[nodiscard]] mono_time retry_at() const noexcept {
    return retry_at_;
  }

  [[nodiscard]] breaker_state state() const noexcept {
    return state_;
  }

private:
  unsigned failures_to_open_;
  duration initial_pause_;
  duration max_pause_;
  duration pause_; ///< The next one.
  unsigned failures_ = 0;
  breaker_state state_ = breaker_state::closed;
  mono_time retry_at_{};
};

} // namespace signalbox
