// When a lamp is to be left alone: a schedule in local time.
#pragma once

#include "config/section.hpp"
#include "lights/effect.hpp"
#include "messages/clock.hpp"

#include <bitset>
#include <chrono>

namespace signalbox::lights {

/// A moment as the clock on the wall shows it.
struct local_moment {
  unsigned weekday = 0;        ///< 0 is Sunday.
  std::chrono::minutes time{}; ///< Since midnight.
};

/// In the machine's time zone (`TZ`, /etc/localtime).
local_moment local_moment_of(wall_time x);

/// From one time of the day to another, over midnight if that is earlier, on
/// the weekdays on which it begins.
class quiet_hours {
public:
  /// Reads `from`, `to`, `days`, `priority` and the keys of the effect that is
  /// shown meanwhile (off by default). Mistakes are reported to the section.
  static quiet_hours read(config::section table);

  [[nodiscard]] bool hold_at(const local_moment& x) const;

  /// What is shown meanwhile; wishes of a higher priority come through.
  [[nodiscard]] const effect& meanwhile() const noexcept {
    return meanwhile_;
  }

private:
  std::chrono::minutes from_{};
  std::chrono::minutes to_{};
  std::bitset<7> days_; ///< By weekday, Sunday first.
  effect meanwhile_;
};

} // namespace signalbox::lights
