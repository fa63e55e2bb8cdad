// Prints what lamps of Zigbee2MQTT are sent, one message a line: what it should
// show, a tab, the payload. The judge is judge.js.
#include "tests/lights/configured.hpp"

#include <chrono>
#include <iostream>
#include <string_view>

int main() {
  using namespace signalbox;
  using namespace signalbox::lights;
  using namespace std::chrono_literals;
  const test::configured x{"driver = \"mqtt\"\nurl = \"mqtt://h\"\nschema = "
                           "\"zigbee2mqtt\"\ntopic = \"zigbee2mqtt/desk\""};
  if (!x.it) {
    std::cerr << x.complaint();
    return 1;
  }
  const struct {
    std::string_view name;
    command what;
  } rows[]{
    {"off", test::off()},
    {"red", test::on("red")},
    {"green", test::on("green")},
    {"blue, half as bright", test::on("blue", 0.5)},
    {"a dark green", test::on("#001000")},
    {"the least green", test::on("green", 0.0001)},
    {"a white of 2700 K", test::on("2700K")},
    {"a point", test::on("xy(0.17, 0.70)")},
    {"a fade of 400 ms to green", test::fade("green", 400ms)},
    {"a fade of two days to green", test::fade("green", 48h)},
  };
  for (const auto& [name, what] : rows) {
    const auto requests = x.it->shape(what, nullptr);
    for (const auto& message :
         std::get<mqtt_request>(requests.at(0)).publications)
      std::cout << name << '\t' << message.payload << '\n';
  }
}
