// Carries out a driver's requests for commands that run without an engine.
#pragma once

#include "endpoints/transport.hpp"
#include "messages/delivery.hpp"
#include "net/http_client.hpp"
#include "net/mqtt_client.hpp"

#include <memory>
#include <string>

namespace signalbox::cli {

/// One driver's way out, opened once. Not thread-safe.
class courier {
public:
  /// @param http Must outlive the courier.
  courier(net::http_client& http, transport_choice way);

  /// Waits for the answer.
  delivery_answer carry(delivery_request request);

private:
  net::http_client* http_;
  std::unique_ptr<byte_writer> writer_;
  std::unique_ptr<net::mqtt_client> broker_;
  bool uses_mqtt_ = false;
  std::string fault_; ///< Why the MQTT client cannot work.
};

} // namespace signalbox::cli
