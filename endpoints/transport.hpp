// How a driver's requests travel.
#pragma once

#include "messages/delivery.hpp"
#include "net/mqtt_client.hpp"

#include <memory>
#include <variant>

namespace signalbox {

/// Writes bytes to something that only this driver uses: a file, the console, a
/// device on the bus, a lamp that speaks a protocol of its own. May block, so
/// it has a thread to itself; called from that thread only.
class byte_writer {
public:
  virtual ~byte_writer() = default;

  /// Writes one request's bytes, or says why not. What they mean is between the
  /// driver and its writer.
  virtual write_answer write(const write_request& request) = 0;
};

/// Requests go through the HTTP client that all drivers share.
struct use_http {};

/// By the shared HTTP client, by an MQTT connection of its own, or by a writer
/// of its own.
using transport_choice =
  std::variant<use_http, net::mqtt_options, std::unique_ptr<byte_writer>>;

} // namespace signalbox
