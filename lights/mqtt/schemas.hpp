// Commands in the words that known lamps expect over MQTT.
#pragma once

#include "lights/effect.hpp"
#include "messages/delivery.hpp"

#include <string>

namespace signalbox::lights::schemas {

/// Says one command to the lamp at `topic`, in a single message.
using wording = mqtt_publication (*)(const std::string& topic,
                                     const command& x);

/// `<topic>/set`, where the topic is "zigbee2mqtt/desk". Brightness to 254, a
/// white by its mired, a point as x and y, else "hex" (zigbee2mqtt.io, "MQTT
/// topics and messages").
mqtt_publication zigbee2mqtt(const std::string& topic, const command& x);

/// `cmnd/<topic>/Backlog0`.
mqtt_publication tasmota(const std::string& topic, const command& x);

/// `<topic>/api`, where the topic is "wled/d1a2b3", with WLED's JSON for the
/// strip as a whole (WLED's documentation, "MQTT"). It blinks and pulses by
/// itself.
mqtt_publication wled(const std::string& topic, const command& x);

/// The command topic of Home Assistant's "MQTT Light" with schema "json".
mqtt_publication home_assistant(const std::string& topic, const command& x);

} // namespace signalbox::lights::schemas
