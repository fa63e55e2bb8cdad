#include "lights/usb/hid_writer.hpp"

#include "lights/usb/find.hpp"

#include <fmt/format.h>

#include <utility>

namespace signalbox::lights {

hid_writer::hid_writer(const usb_lamp& kind, std::string serial)
  : kind_(kind), serial_(std::move(serial)) {
  // nop
}

write_answer hid_writer::write(const write_request& request) {
  if (!device_) {
    const auto path = find();
    if (!path)
      return {path.error().what};
    auto device = hid_device_handle::open(*path);
    if (!device)
      return {device.error().what};
    device_ = std::move(*device);
  }
  const auto sent = device_->send(kind_.report, request.bytes);
  if (sent)
    return {};
  device_.reset();
  // Whether it is gone is a better reason than what its last words were.
  if (const auto path = find(); !path)
    return {path.error().what};
  return {fmt::format("the {} does not take commands ({}): plug it in again",
                      kind_.title, sent.error().what)};
}

result<std::string> hid_writer::find() const {
  std::string others;
  for (const auto& x : connected_lamps(kind_.driver)) {
    if (serial_.empty() || x.serial == serial_)
      return x.path;
    others += (others.empty() ? "" : ", ") + x.serial;
  }
  if (serial_.empty())
    return fail(errc::file, fmt::format("no {} is plugged in", kind_.title));
  if (others.empty())
    return fail(errc::file,
                fmt::format("no {} is plugged in, let alone the one with the "
                            "serial number '{}'",
                            kind_.title, serial_));
  return fail(errc::file,
              fmt::format("no {} with the serial number '{}' is plugged in; "
                          "there are: {}",
                          kind_.title, serial_, others));
}

} // namespace signalbox::lights
