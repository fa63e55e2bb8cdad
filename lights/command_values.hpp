// Commands in the numbers that lamps of many makes want.
#pragma once

#include "lights/effect.hpp"
#include "messages/clock.hpp"

#include <cstdint>
#include <string>

namespace signalbox::lights {

/// A share of 0 to 1 in whole steps; at least one, for a lamp that is lit is
/// not dark.
int steps_of(double share, int steps);

/// The brightness for lamps whose colours have none of their own: that of the
/// command times that of its colour.
double brightness_of(const command& x);

/// The colour of the same hue at full strength, to go with `brightness_of`.
rgb at_full_strength(rgb x);

/// How long the lamp takes to get there: a fade's period, else nothing. At most
/// an hour, which all lamps can count.
duration transition_of(const command& x);

/// For JSON: "0", "0.4", "2.5". At most milliseconds.
std::string seconds_text(duration x);

/// Colour temperature as Zigbee wants it: a million divided by kelvin.
int mired_of(std::uint16_t kelvin);

} // namespace signalbox::lights
