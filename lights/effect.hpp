// What a lamp shows: wishes, and the commands that they become.
#pragma once

#include "lights/color.hpp"
#include "messages/clock.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace signalbox::lights {

/// Nothing flashes more than three times a second (WCAG 2.3.1).
inline constexpr duration shortest_period = std::chrono::milliseconds(334);

/// How a lamp lights up. A fade glides to its colour and stays there.
enum class show : std::uint8_t { off, on, blink, pulse, fade };

std::string_view to_string(show x) noexcept;

/// A wish: what to show, for how long, how urgently.
struct effect {
  show what = show::off;
  lights::color color;
  double brightness = 1.0; ///< 0 to 1.
  /// Of a blink or a pulse; how long a fade takes.
  duration period = std::chrono::milliseconds(1000);
  std::optional<duration> lasts{}; ///< Absent: until the next wish.
  int priority = 20;               ///< Higher wins; equal: the newest.

  bool operator==(const effect&) const = default;
};

/// What the lamp is told: one command.
struct command {
  show what = show::off;
  lights::color color;
  double brightness = 1.0;
  duration period{};

  bool operator==(const command&) const = default;
};

} // namespace signalbox::lights
