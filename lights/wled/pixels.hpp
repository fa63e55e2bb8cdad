// WLED's realtime protocol: pixels in datagrams, with a time after which the
// strip returns to its own mode. Source: WLED's documentation, "UDP realtime".
#pragma once

#include "lights/color.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::lights::wled {

inline constexpr std::uint16_t realtime_port = 21'324;

/// Beyond this a strip takes too many datagrams for one colour.
inline constexpr std::size_t most_pixels = 4'096;

/// The datagrams that make `count` pixels show `x`: one DRGB up to 490 pixels,
/// else DNRGB, 489 each.
/// @param hold Seconds until the strip returns to its own mode: 1 to 254.
std::vector<std::string> pixels(rgb x, std::size_t count, std::uint8_t hold);

} // namespace signalbox::lights::wled
