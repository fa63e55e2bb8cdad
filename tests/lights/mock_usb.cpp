#include "tests/lights/mock_usb.hpp"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <umockdev.h>

#include <linux/hidraw.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

namespace signalbox::lights::test {

namespace {

constexpr auto patience = std::chrono::seconds(10);

/// What a node of ours knows.
struct node_state {
  report_log* log = nullptr;
  std::atomic<bool> plugged = true;
};

std::string words(std::string_view kind, const guint8* data, std::size_t size) {
  std::string out{kind};
  for (std::size_t i = 0; i < size; ++i)
    out += fmt::format(" {:02x}", data[i]);
  return out;
}

// The report descriptor of a device with numbered reports: enough for hidapi.
std::array<guint8, 9> descriptor{0x06, 0x00, 0xFF, 0x09, 0x01,
                                 0xA1, 0x01, 0x85, 0x01};

UMockdevIoctlData* argument(UMockdevIoctlClient* client, std::size_t size) {
  return umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0,
                                     size, nullptr);
}

} // namespace

} // namespace signalbox::lights::test

// A class of GLib, which stands for the kernel's hidraw driver.
namespace {

using signalbox::lights::test::node_state;

struct hidraw_node {
  UMockdevIoctlBase parent;
  node_state* state;
};

struct hidraw_nodeClass {
  UMockdevIoctlBaseClass parent;
};

G_DEFINE_TYPE(hidraw_node, hidraw_node, UMOCKDEV_TYPE_IOCTL_BASE)

gboolean handle_ioctl(UMockdevIoctlBase* self, UMockdevIoctlClient* client) {
  using namespace signalbox::lights::test;
  auto& state = *reinterpret_cast<hidraw_node*>(self)->state;
  const auto request = umockdev_ioctl_client_get_request(client);
  const auto size = _IOC_SIZE(request);
  if (!state.plugged) {
    umockdev_ioctl_client_complete(client, -1, ENODEV);
  } else if (_IOC_TYPE(request) == 'H' && _IOC_NR(request) == 0x06) {
    g_autoptr(UMockdevIoctlData) data = argument(client, size);
    state.log->add(words("feature", data->data, size));
    umockdev_ioctl_client_complete(client, static_cast<glong>(size), 0);
  } else if (request == HIDIOCGRDESCSIZE) {
    g_autoptr(UMockdevIoctlData) data = argument(client, sizeof(int));
    int length = static_cast<int>(descriptor.size());
    umockdev_ioctl_data_update(data, 0, reinterpret_cast<guint8*>(&length),
                               sizeof length);
    umockdev_ioctl_client_complete(client, 0, 0);
  } else if (request == HIDIOCGRDESC) {
    g_autoptr(UMockdevIoctlData) data =
      argument(client, sizeof(hidraw_report_descriptor));
    umockdev_ioctl_data_update(data, sizeof(__u32), descriptor.data(),
                               descriptor.size());
    umockdev_ioctl_client_complete(client, 0, 0);
  } else {
    umockdev_ioctl_client_complete(client, -1, ENOTTY);
  }
  return TRUE;
}

gboolean handle_write(UMockdevIoctlBase* self, UMockdevIoctlClient* client) {
  using namespace signalbox::lights::test;
  auto& state = *reinterpret_cast<hidraw_node*>(self)->state;
  if (!state.plugged) {
    umockdev_ioctl_client_complete(client, -1, ENODEV);
    return TRUE;
  }
  const auto* data = umockdev_ioctl_client_get_arg(client);
  const auto size = static_cast<std::size_t>(data->data_len);
  state.log->add(words("output", data->data, size));
  umockdev_ioctl_client_complete(client, static_cast<glong>(size), 0);
  return TRUE;
}

void hidraw_node_class_init(hidraw_nodeClass* x) {
  x->parent.handle_ioctl = handle_ioctl;
  x->parent.handle_write = handle_write;
}

void hidraw_node_init(hidraw_node*) {
  // nop
}

} // namespace

namespace signalbox::lights::test {

void report_log::add(std::string report) {
  const std::lock_guard guard{mutex_};
  reports_.push_back(std::move(report));
  changed_.notify_all();
}

std::vector<std::string> report_log::all() const {
  const std::lock_guard guard{mutex_};
  return reports_;
}

std::vector<std::string> report_log::wait_for(std::size_t count) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, patience, [&] { return reports_.size() >= count; });
  return reports_;
}

bool report_log::wait_for(std::string_view beginning) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, patience, [&] {
    for (const auto& x : reports_)
      if (x.starts_with(beginning))
        return true;
    return false;
  });
}

void report_log::clear() {
  const std::lock_guard guard{mutex_};
  reports_.clear();
}

struct mock_bus::state {
  UMockdevTestbed* testbed = umockdev_testbed_new();
  std::map<unsigned, hidraw_node*> nodes;
  std::vector<std::unique_ptr<node_state>> known; ///< Outlive the clients.
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
  while (!state_->nodes.empty())
    unplug(state_->nodes.begin()->first);
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
    "E: DEVNAME=/dev/hidraw{6}\nL: device=../../../{5}\n\n",
    usb, x.vendor, x.product, x.serial, interface, hid, number);
  g_autoptr(GError) error = nullptr;
  umockdev_testbed_add_from_string(state_->testbed, text.c_str(), &error);
  if (error != nullptr)
    throw std::runtime_error{error->message};
  auto* node =
    static_cast<hidraw_node*>(g_object_new(hidraw_node_get_type(), nullptr));
  node->state =
    state_->known.emplace_back(std::make_unique<node_state>()).get();
  node->state->log = &reports;
  umockdev_testbed_attach_ioctl(state_->testbed,
                                fmt::format("/dev/hidraw{}", number).c_str(),
                                UMOCKDEV_IOCTL_BASE(node), &error);
  if (error != nullptr)
    throw std::runtime_error{error->message};
  state_->nodes[number] = node;
}

void mock_bus::unplug(unsigned number) {
  auto i = state_->nodes.find(number);
  if (i == state_->nodes.end())
    return;
  i->second->state->plugged = false;
  const auto device =
    fmt::format("/sys/devices/pci0000:00/usb1/1-{}", number + 1);
  umockdev_testbed_remove_device(state_->testbed, device.c_str());
  state_->nodes.erase(i);
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
