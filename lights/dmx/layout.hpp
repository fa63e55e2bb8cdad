// What a DMX fixture expects in its slots.
#pragma once

#include "config/section.hpp"
#include "lights/effect.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace signalbox::lights::dmx {

inline constexpr std::size_t slots = 512; ///< Of a universe.

/// The order of a fixture's slots.
enum class layout : std::uint8_t { rgb, grb, rgbw, dimmer_rgb };

/// A fixture: where its slots begin, and what they are.
struct fixture {
  std::size_t channel = 1; ///< From 1.
  dmx::layout layout = layout::rgb;
};

/// The values of its slots; zeros when it is off. `rgbw` leaves to the white
/// LED what red, green and blue have in common.
std::string slots_of(const command& x, layout as);

/// `channel` and `layout`; a fixture that reaches beyond the universe is a
/// mistake.
fixture read_fixture(config::section& options);

} // namespace signalbox::lights::dmx
