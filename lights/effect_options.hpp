// Effects as `[[light]]` tables write them.
#pragma once

#include "config/section.hpp"
#include "lights/effect.hpp"

#include <cstdint>

namespace signalbox::lights {

inline constexpr std::int64_t lowest_priority = 1;
inline constexpr std::int64_t highest_priority = 100;

/// The keys that every effect has: `show`, `color`, `brightness`, `period`.
/// Mistakes are reported to the section.
effect read_effect(config::section& table);

/// An effect with `for` or `repeat`, and `priority`.
effect read_wish(config::section& table);

/// `priority`, or `fallback`.
int read_priority(config::section& table, int fallback);

} // namespace signalbox::lights
