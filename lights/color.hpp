// Colours: how people write them, and how lamps want them.
#pragma once

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

/// A place in the CIE 1931 diagram.
struct chromaticity {
  double x = 0;
  double y = 0;

  bool operator==(const chromaticity&) const = default;
};

/// A colour as it was asked for. `mix` is always set; the others are for lamps
/// that do better than red, green and blue.
struct color {
  rgb mix;
  std::uint16_t kelvin = 0;            ///< Of a white; 0: it is none.
  std::optional<chromaticity> point{}; ///< When it was given as a point.

  bool operator==(const color&) const = default;
};

/// Hue in degrees (0 to 360), saturation and value from 0 to 1.
struct hsv {
  double h = 0;
  double s = 0;
  double v = 0;
};

/// The corners of what a lamp can show.
struct gamut {
  chromaticity red;
  chromaticity green;
  chromaticity blue;
};

inline constexpr std::uint16_t lowest_kelvin = 1500;
inline constexpr std::uint16_t highest_kelvin = 9000;

/// "#00ff00".
std::string to_hex(rgb x);

/// A name in any case ("green", "off", "warm_white", …), "#rrggbb", a white
/// from "1500K" to "9000K", or a point "xy(0.17, 0.70)".
std::optional<color> parse_color(std::string_view text);

/// The names that `parse_color` knows, sorted.
std::span<const std::string_view> color_names() noexcept;

/// For lamps that know no brightness: each part times 0 to 1.
rgb scaled(rgb x, double brightness);

/// The brightest sRGB of a black body's white, or of a point.
rgb rgb_of_kelvin(std::uint16_t kelvin);
rgb rgb_of_xy(chromaticity x);

hsv hsv_of(rgb x);

/// The chromaticity by Philips's wide matrix, which makes the saturated colours
/// that signals want; (0, 0) for black. Source: spec of the Hue, RGB to xy.
chromaticity xy_of(rgb x);

/// `x`, or the nearest point that the lamp can show.
chromaticity clamped(chromaticity x, const gamut& within);

} // namespace signalbox::lights
