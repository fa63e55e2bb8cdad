// MQTT through libmosquitto: one connection, one thread.
#pragma once

#include "messages/delivery.hpp"
#include "messages/failure.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::net {

/// A message that the broker publishes for us.
struct mqtt_notice {
  std::string topic;
  std::string payload;
  int qos = 1;
  bool retain = true;
};

/// How to reach a broker.
struct mqtt_options {
  std::string host;
  std::uint16_t port = 1883;
  std::string client_id; ///< Empty: made up. The session is always clean.
  std::string username;
  std::string password;
  std::optional<tls_options> tls; ///< Absent: plain text.
  std::chrono::seconds keep_alive{30};
  std::optional<mqtt_notice> online;    ///< Published on each connect.
  std::optional<mqtt_notice> last_will; ///< Published when we vanish or end.
  unsigned max_inflight = 20; ///< Unacknowledged QoS 1 and 2 messages.
};

/// Whether MQTT can carry this as a client id or a user name: UTF-8 without
/// control characters, at most 65,535 bytes (MQTT 3.1.1, 1.5.3).
bool is_mqtt_text(std::string_view x) noexcept;

/// A connection to a broker (MQTT 3.1.1) that reconnects by itself, with a
/// delay that doubles from 1 to 30 seconds.
///
/// Within one request each message is sent once. When a request is answered
/// with an error, the broker may have got messages beyond the certain prefix:
/// whoever sends those again may repeat up to `max_inflight` of them, with any
/// QoS. The session is always clean, for a resumed one would repeat more, or
/// (QoS 2, packet identifiers used anew) lose.
///
/// Over a connection without TLS, messages go out on the sender's thread, which
/// does not wait for them; the process must ignore SIGPIPE, which libmosquitto
/// raises when the broker has closed the connection.
///
/// Owns a thread; thread-safe.
class mqtt_client {
public:
  using on_answer = std::function<void(mqtt_answer)>;

  /// Starts connecting. Fails only on options that can never work (a CA file
  /// that cannot be read).
  static result<std::unique_ptr<mqtt_client>> start(mqtt_options options);

  /// Answers open requests with an error, publishes what the last will says,
  /// disconnects, joins the thread; takes at most 2 seconds for it. Not to be
  /// called from an answer.
  ~mqtt_client();

  mqtt_client(const mqtt_client&) = delete;
  mqtt_client& operator=(const mqtt_client&) = delete;

  /// Publishes in order and answers exactly once within the request's time-out:
  /// from the client's thread, or from that of any sender, perhaps before this
  /// returns. While an attempt to connect is under way
  /// the request waits for its outcome; between attempts the answer comes at
  /// once, as an error. A request without publications succeeds as soon as
  /// there is a connection (a probe). When a request's time is over and the
  /// broker has acknowledged nothing for half of it, the connection counts as
  /// dead and is made anew. `done` must not throw or block.
  void publish(mqtt_request request, on_answer done);

private:
  struct impl;
  explicit mqtt_client(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

} // namespace signalbox::net
