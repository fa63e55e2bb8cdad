// What WLED is told, whether by HTTP or by MQTT. Source: WLED's documentation,
// "JSON API", and the effects of its source.
#pragma once

#include "lights/effect.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace signalbox::lights::wled {

/// A command as a part of WLED's state. It blinks and breathes by itself, at
/// the speeds that its effects have, and never faster than it is told to. `tt`
/// is the transition of this command only, in tenths of a second.
/// @param segment Which of the strip's segments is the lamp, and is switched
///   and dimmed by itself. Null: the strip as a whole, which is those segments
///   that are selected in WLED (all unless someone changed that): the first
///   alone would leave the others as they were.
std::string state_of(const command& x, std::optional<std::int64_t> segment);

} // namespace signalbox::lights::wled
