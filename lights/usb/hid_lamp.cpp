#include "lights/usb/hid_lamp.hpp"

#include "lights/usb/hid_writer.hpp"

#include <memory>
#include <utility>
#include <variant>

namespace signalbox::lights {

hid_lamp::hid_lamp(const usb_lamp& kind, std::string serial)
  : kind_(kind), serial_(std::move(serial)) {
  // nop
}

capabilities hid_lamp::can() const {
  return {.max_rate = max_rate, .reassert = reassert};
}

transport_choice hid_lamp::open_transport() {
  return std::make_unique<hid_writer>(kind_, serial_);
}

verdict hid_lamp::judge(const delivery_answer& answer, wall_time) {
  // Whatever is wrong may be mended at any time by a plug or a udev rule.
  return judge_write(std::get<write_answer>(answer));
}

rgb hid_lamp::light_of(const command& x) {
  return x.what == show::off ? rgb{} : scaled(x.color.mix, x.brightness);
}

write_request hid_lamp::report(std::span<const std::uint8_t> bytes) {
  return {{bytes.begin(), bytes.end()}};
}

write_request hid_lamp::report(std::initializer_list<std::uint8_t> bytes) {
  return report(std::span{bytes.begin(), bytes.size()});
}

std::string read_serial(config::section& options) {
  auto serial = options.text("serial");
  if (options.has("serial") && serial.empty())
    options.mistake("serial", "is empty; leave it out to use the first lamp "
                              "that is found");
  return serial;
}

} // namespace signalbox::lights
