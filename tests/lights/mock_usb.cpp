#include "tests/lights/mock_usb.hpp"

#include "tests/lights/mock_node.hpp"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <ostream>
#include <span>
#include <stdexcept>

#include <linux/hidraw.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

namespace signalbox::lights::test {

namespace {

using bytes = std::span<const std::uint8_t>;

std::string words(std::string_view kind, bytes report) {
  std::string out{kind};
  for (const auto x : report)
    out += fmt::format(" {:02x}", x);
  return out;
}

/// The kernel's hidraw driver, as far as hidapi uses it.
node_behavior hidraw(report_log& log,
                     std::shared_ptr<std::atomic<int>> trouble) {
  // The start of a report descriptor with numbered reports.
  static constexpr std::array<std::uint8_t, 9> descriptor{
    0x06, 0x00, 0xFF, 0x09, 0x01, 0xA1, 0x01, 0x85, 0x01};
  auto ioctl = [&log, trouble](unsigned long request,
                               std::span<std::uint8_t> x) -> long {
    if (*trouble != 0)
      return -*trouble;
    if (request == HIDIOCSFEATURE(x.size())) {
      log.add(words("feature", x));
      return static_cast<long>(x.size());
    }
    constexpr auto length = static_cast<__u32>(descriptor.size());
    if (request == HIDIOCGRDESCSIZE || request == HIDIOCGRDESC)
      std::memcpy(x.data(), &length, sizeof length);
    else
      return -ENOTTY;
    if (request == HIDIOCGRDESC)
      std::memcpy(x.data() + sizeof length, descriptor.data(), length);
    return 0;
  };
  auto write = [&log, trouble](bytes x) -> long {
    if (*trouble != 0)
      return -*trouble;
    log.add(words("output", x));
    return static_cast<long>(x.size());
  };
  return {std::move(ioctl), std::move(write)};
}

} // namespace

void report_log::add(std::string report) {
  const std::lock_guard guard{mutex_};
  if (out_ != nullptr)
    *out_ << report << std::endl;
  reports_.push_back(std::move(report));
}

std::vector<std::string> report_log::all() const {
  const std::lock_guard guard{mutex_};
  return reports_;
}

void report_log::clear() {
  const std::lock_guard guard{mutex_};
  reports_.clear();
}

void report_log::print(std::ostream& out) {
  const std::lock_guard guard{mutex_};
  out_ = &out;
}

struct mock_bus::state {
  UMockdevTestbed* testbed = umockdev_testbed_new();
  /// What each device answers with; 0: nothing is wrong.
  std::map<unsigned, std::shared_ptr<std::atomic<int>>> troubles;
};

mock_bus::mock_bus() : state_(std::make_unique<state>()) {
  if (!umockdev_in_mock_environment())
    throw std::runtime_error{"run it by umockdev-wrapper"};
  // Others may look at the bus, as they may in /sys. For a node that may not be
  // opened, umockdev insists on this socket.
  ::chmod(real("/").c_str(), 0755);
  ::chmod(real("/ioctl/_default").c_str(), 0777);
}

mock_bus::~mock_bus() {
  while (!state_->troubles.empty())
    unplug(state_->troubles.begin()->first);
  g_object_unref(state_->testbed);
}

// hidapi finds the names of a device by its parents: hidraw, HID, interface,
// device.
void mock_bus::plug(unsigned number, const lamp& x) {
  const auto hid =
    fmt::format("0003:{:04X}:{:04X}.{:04X}", x.vendor, x.product, number + 1);
  const auto usb = fmt::format("/devices/pci0000:00/usb1/1-{}", number + 1);
  const auto interface = fmt::format("{}/1-{}:1.0", usb, number + 1);
  const auto text = fmt::format(
    "P: {0}\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nA: idVendor={1:04x}\n"
    "A: idProduct={2:04x}\nA: bcdDevice=0200\nA: manufacturer=Maker\n"
    "A: product=Lamp\nA: serial={3}\n\n"
    "P: {4}\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\n"
    "A: bInterfaceNumber=00\n\n"
    "P: {4}/{5}\nE: SUBSYSTEM=hid\nE: HID_ID=0003:{1:08X}:{2:08X}\n"
    "E: HID_NAME=Maker Lamp\nE: HID_UNIQ={3}\n"
    "A: uevent=DRIVER=hid-generic\\nHID_ID=0003:{1:08X}:{2:08X}\\n"
    "HID_NAME=Maker Lamp\\nHID_UNIQ={3}\\n\n\n"
    "P: {4}/{5}/hidraw/hidraw{6}\nN: hidraw{6}\nE: SUBSYSTEM=hidraw\n"
    "E: DEVNAME=/dev/hidraw{6}\nE: MAJOR=241\nE: MINOR={6}\nA: "
    "dev=241:{6}\\n\nL: device=../../../{5}\n\n",
    usb, x.vendor, x.product, x.serial, interface, hid, number);
  add_devices(state_->testbed, text);
  auto& trouble = state_->troubles[number];
  trouble = std::make_shared<std::atomic<int>>(0);
  attach(state_->testbed, fmt::format("/dev/hidraw{}", number),
         hidraw(reports, trouble));
}

void mock_bus::unplug(unsigned number) {
  auto i = state_->troubles.find(number);
  if (i == state_->troubles.end())
    return;
  *i->second = ENODEV;
  const auto device =
    fmt::format("/sys/devices/pci0000:00/usb1/1-{}", number + 1);
  umockdev_testbed_remove_device(state_->testbed, device.c_str());
  state_->troubles.erase(i);
}

void mock_bus::jam(unsigned number) {
  *state_->troubles.at(number) = EPIPE;
}

// Without the handler's socket, as umockdev would have us connect to it even
// after the node's permissions said no.
void mock_bus::forbid(unsigned number) {
  const auto node = fmt::format("/dev/hidraw{}", number);
  ::chmod(real(node).c_str(), 0);
  const auto socket = real("/ioctl" + node);
  ::rename(socket.c_str(), (socket + ".away").c_str());
}

void mock_bus::allow(unsigned number) {
  const auto node = fmt::format("/dev/hidraw{}", number);
  ::chmod(real(node).c_str(), 0666);
  const auto socket = real("/ioctl" + node);
  ::rename((socket + ".away").c_str(), socket.c_str());
}

std::string mock_bus::real(std::string_view path) const {
  g_autofree auto* root = umockdev_testbed_get_root_dir(state_->testbed);
  return fmt::format("{}{}", root, path);
}

} // namespace signalbox::lights::test
