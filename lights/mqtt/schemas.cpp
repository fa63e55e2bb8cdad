#include "lights/mqtt/schemas.hpp"

#include "lights/command_values.hpp"
#include "lights/tasmota_words.hpp"
#include "lights/wled_words.hpp"

#include <fmt/format.h>

#include <optional>

namespace signalbox::lights::schemas {

namespace {

/// As a member of Zigbee2MQTT's message.
std::string zigbee_color(const color& x) {
  if (x.kelvin > 0)
    return fmt::format(R"("color_temp":{})", mired_of(x.kelvin));
  if (x.point)
    return fmt::format(R"("color":{{"x":{:.4f},"y":{:.4f}}})", x.point->x,
                       x.point->y);
  return fmt::format(R"("color":{{"hex":"{}"}})",
                     to_hex(at_full_strength(x.mix)));
}

} // namespace

mqtt_publication zigbee2mqtt(const std::string& topic, const command& x) {
  auto target = topic + "/set";
  if (x.what == show::off)
    return {std::move(target), R"({"state":"OFF"})"};
  return {std::move(target),
          fmt::format(R"({{"state":"ON","brightness":{},{},"transition":{}}})",
                      steps_of(brightness_of(x), 254), zigbee_color(x.color),
                      seconds_text(transition_of(x)))};
}

mqtt_publication tasmota(const std::string& topic, const command& x) {
  return {fmt::format("cmnd/{}/{}", topic, tasmota::backlog),
          tasmota::commands_of(x)};
}

mqtt_publication wled(const std::string& topic, const command& x) {
  return {topic + "/api", wled::state_of(x, std::nullopt)};
}

mqtt_publication home_assistant(const std::string& topic, const command& x) {
  if (x.what == show::off)
    return {topic, R"({"state":"OFF"})"};
  const auto [r, g, b] = at_full_strength(x.color.mix);
  return {topic,
          fmt::format(R"({{"state":"ON","brightness":{},)"
                      R"("color":{{"r":{},"g":{},"b":{}}},"transition":{}}})",
                      steps_of(brightness_of(x), 255), r, g, b,
                      seconds_text(transition_of(x)))};
}

} // namespace signalbox::lights::schemas
