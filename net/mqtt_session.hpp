// One connection to a broker through libmosquitto; of use to mqtt_client only.
#pragma once

#include "messages/delivery.hpp"
#include "messages/failure.hpp"
#include "net/mqtt_client.hpp"

#include <memory>
#include <string>
#include <vector>

struct mosquitto;
struct pollfd;

namespace signalbox::net {

/// A connection from its first packet to its end. It is never used again:
/// libmosquitto would send what it still holds, which by then is answered as
/// failed and on its way a second time. Lives on one thread.
class mqtt_session {
public:
  enum class stage : std::uint8_t { connecting, up, down };

  /// Fails on options that can never work.
  static result<std::unique_ptr<mqtt_session>>
  make(const mqtt_options& options);

  /// Starts to connect; blocks only while the resolver does.
  /// @param v4_only Leaves the name's IPv6 addresses out.
  void connect(bool v4_only);

  /// What to wait for before the next `step`.
  [[nodiscard]] pollfd interest() const;

  /// Reads, writes and keeps alive, as far as possible without waiting; to be
  /// called at least once a second.
  void step(const pollfd& ready);

  /// Hands one message to libmosquitto.
  /// @returns Its packet identifier; fails when the message can never be sent
  ///          or when the connection is lost, which `state` tells apart.
  tl::expected<int, std::string> publish(const std::string& topic,
                                         const std::string& payload, int qos,
                                         bool retain);

  /// Puts the identifiers that have been acknowledged since the last call in
  /// the place of what `to` held.
  void take_acknowledged(std::vector<int>& to) {
    to.clear();
    to.swap(acknowledged_);
  }

  /// Says goodbye, so that the broker does not publish the last will.
  void disconnect();

  /// Ends the connection without a goodbye.
  void fail_with(std::string words);

  [[nodiscard]] stage state() const {
    return state_;
  }

  /// Whether an IPv6 address is, or was, being tried.
  [[nodiscard]] bool is_v6() const {
    return is_v6_;
  }

  /// Why it is down, in words.
  [[nodiscard]] const std::string& error() const {
    return error_;
  }

  /// Whether it is down because the broker did not accept the credentials.
  [[nodiscard]] bool refused() const {
    return refused_;
  }

private:
  struct mosquitto_cleanup {
    void operator()(mosquitto* x) const noexcept;
  };

  explicit mqtt_session(const mqtt_options& options);

  result<void> configure();
  result<void> configure_tls(const tls_options& tls);
  void set_callbacks();
  void heed_errors();
  void on_connack(int code);
  void check(int code);
  [[nodiscard]] std::string words_for(int code, int system_error) const;

  const mqtt_options& options_;
  std::unique_ptr<mosquitto, mosquitto_cleanup> handle_;
  stage state_ = stage::connecting;
  bool is_v6_ = false;
  bool refused_ = false;
  std::string error_;
  std::string tls_error_; ///< The last that libmosquitto has logged.
  std::vector<int> acknowledged_;
};

} // namespace signalbox::net
