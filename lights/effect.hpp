// What a lamp shows: colours, wishes, and the pure engine that turns events
// into at most a few commands a second.
#pragma once

#include "messages/clock.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace signalbox::lights {

/// sRGB, 0 to 255 each.
struct rgb {
  std::uint8_t r = 0;
  std::uint8_t g = 0;
  std::uint8_t b = 0;

  bool operator==(const rgb&) const = default;
};

/// "#00ff00".
std::string to_hex(rgb x);

/// A name in any case ("green", "off", "warm_white", …) or "#rrggbb".
std::optional<rgb> parse_color(std::string_view text);

/// The names that `parse_color` knows, sorted.
std::span<const std::string_view> color_names() noexcept;

/// How a lamp lights up. A fade glides to its colour and stays there.
enum class show : std::uint8_t { off, on, blink, pulse, fade };

std::string_view to_string(show x) noexcept;

/// A wish: what to show, for how long, how urgently.
struct effect {
  show what = show::off;
  rgb color;
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
  rgb color;
  double brightness = 1.0;
  duration period{};

  bool operator==(const command&) const = default;
};

} // namespace signalbox::lights
