// What Tasmota's lamps are told, whether by MQTT or by HTTP.
#pragma once

#include "lights/effect.hpp"

#include <string>
#include <string_view>

namespace signalbox::lights::tasmota {

/// Carries out several commands in order, and at once: after a plain `Backlog`
/// each would wait for 200 ms (`SetOption34`), and a storm would fill its list,
/// which holds 30 (tasmota.github.io, "Commands", The Power of Backlog).
inline constexpr std::string_view backlog = "Backlog0";

/// What goes behind it: "Color1 #00ff00;Power ON". `Color1` sets the
/// brightness, too, as that of the colour; a fade is `Speed2`, in half seconds,
/// which holds for the next change only (tasmota.github.io, "Commands", Light).
std::string commands_of(const command& x);

} // namespace signalbox::lights::tasmota
