// Device nodes of umockdev, without GLib's ways.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <umockdev.h>

namespace signalbox::lights::test {

/// What a device does. Both return what the call returns, or -errno. Called
/// from umockdev's threads.
struct node_behavior {
  /// `argument` is what the request's number says that it points to; what is
  /// written there goes back.
  std::function<long(unsigned long request, std::span<std::uint8_t> argument)>
    ioctl;
  std::function<long(std::span<const std::uint8_t> bytes)> write;
};

/// Adds devices, as `umockdev-record` writes them.
void add_devices(UMockdevTestbed* testbed, const std::string& text);

/// Lets the node at `path` behave so, until the test bed ends.
void attach(UMockdevTestbed* testbed, const std::string& path,
            node_behavior behavior);

} // namespace signalbox::lights::test
