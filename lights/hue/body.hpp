// A command in the words of a Hue bridge.
#pragma once

#include "lights/color.hpp"
#include "lights/effect.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace signalbox::lights::hue {

/// What red, green and blue the lamps of each generation have. Source: Philips,
/// "Gamut" of the Hue developer programme.
inline constexpr gamut gamut_a{{.704, .296}, {.2151, .7106}, {.138, .08}};
inline constexpr gamut gamut_b{{.675, .322}, {.409, .518}, {.167, .04}};
inline constexpr gamut gamut_c{{.6915, .3083}, {.17, .7}, {.1532, .0475}};

/// What a lamp is told, part by part. Each is a Zigbee message of its own, so
/// what the lamp shows already is left out; of `mirek` and `point` at most one
/// is there.
struct parts {
  bool on = false;
  std::optional<int> level{}; ///< 1 to 254.
  std::optional<int> mirek{}; ///< 153 to 500: a white, in 1e6/K.
  std::optional<chromaticity> point{};
  std::chrono::milliseconds transition{};

  bool operator==(const parts&) const = default;
};

/// @param shown What the lamp shows for certain, or null. The same as `x`: it
///   is to be told all again.
parts parts_of(const command& x, const command* shown, const gamut& within);

/// For `PUT /api/<key>/lights/<id>/state` and `…/groups/<id>/action`.
std::string v1_body(const parts& x);

/// For `PUT /clip/v2/resource/light/<id>` and `…/grouped_light/<id>`.
std::string v2_body(const parts& x);

} // namespace signalbox::lights::hue
