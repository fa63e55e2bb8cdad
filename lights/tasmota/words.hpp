// What Tasmota's lamps are told, whether by MQTT or by HTTP.
#pragma once

#include "lights/effect.hpp"

#include <string>

namespace signalbox::lights::tasmota {

/// The commands for a `Backlog`, which carries them out in order:
/// "Color1 #00ff00;Power ON". `Color1` sets the brightness, too, as that of the
/// colour; a fade is `Speed2`, in half seconds, which holds for the next change
/// only (tasmota.github.io, "Commands", Light).
std::string backlog_of(const command& x);

} // namespace signalbox::lights::tasmota
