// Publishes who is active now to a broker.
#pragma once

#include "config/section.hpp"
#include "destinations/mqtt/session_topics.hpp"
#include "destinations/session_publisher.hpp"
#include "net/mqtt_client.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace signalbox::mqtt {

/// After a new connection everything is published again: the broker may have
/// been started anew, without what it retained.
class session_board final : public session_publisher {
public:
  /// `sessions` and, in `topics`, what belongs to it; empty unless it says
  /// `publish`. Mistakes go to the section.
  /// @param broker As for the events. The connection is another one: its
  ///   client id ends in "-sessions", and it has no last will.
  static std::optional<session_board> read(config::section& options,
                                           const net::mqtt_options& broker,
                                           int qos,
                                           std::chrono::milliseconds timeout);

  transport_choice open_transport() override;
  std::optional<delivery_request> shape(const session_picture& x) override;
  delivery_request probe() override;
  std::string judge(const delivery_answer& answer) override;

private:
  session_board() = default;

  net::mqtt_options broker_;
  mqtt_request blank_;
  session_topics topics_;
  std::uint64_t connection_ = 0; ///< Of the last answer.
};

} // namespace signalbox::mqtt
