// What a destination asks of a transport, and what it hears back.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace signalbox {

/// TLS as configured by a `tls = { … }` table or by `ca`, `cert`, `key`.
struct tls_options {
  std::string ca;     ///< PEM file; empty: the system's.
  std::string cert;   ///< PEM file of the client's certificate.
  std::string key;    ///< PEM file of the client's key.
  bool verify = true; ///< Check the peer's certificate and name.
  /// "sha256//<base64>", the hash of the one public key that the peer may have
  /// (RFC 7469, 2.4). Without `ca` it is checked in place of certificate and
  /// name, with `ca` beside them. Empty: any key.
  std::string pin{};

  bool operator==(const tls_options&) const = default;
};

/// Who we are to an HTTP server, by digest (RFC 7616): the password itself is
/// never sent.
struct http_login {
  std::string username;
  std::string password;
};

/// One HTTP request.
struct http_request {
  std::string method = "POST";
  std::string url; ///< May hold a secret: never log it.
  /// "host:port", IPv6 in brackets: where the server is that the URL names,
  /// for certificates whose name no address book knows. Empty: where the URL
  /// says.
  std::string connect_to;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds timeout{10'000}; ///< From sending to last byte.
  tls_options tls;
  std::size_t max_answer = std::size_t{64} << 10U; ///< Bytes of its body.
  bool direct = false;       ///< Past any proxy that the environment names.
  bool connect_only = false; ///< Only reach the server (`signalbox check`).
  /// Send it on, once, to where a 301, 302, 307 or 308 leads, if that has the
  /// same scheme, host and port.
  bool follow_redirect = false;
  std::optional<http_login> login; ///< Used when the server asks for it.
  /// Whose it is: requests of one sender to one server take turns, and wait
  /// for nobody else's.
  std::string sender;
};

/// What came of an HTTP request.
struct http_answer {
  int status = 0;          ///< 0: no answer; `error` says why.
  std::string body;        ///< At most `max_answer` of it.
  std::string retry_after; ///< The header as sent; empty if absent.
  /// Connection, name, TLS, time-out; or, with a status, why a redirect was not
  /// followed though the request asked for it. Else empty.
  std::string error;
  /// Of a `connect_only` request: the pin of the key that the server showed,
  /// as in `tls_options::pin`. Else empty.
  std::string pin{};
};

/// One MQTT message.
struct mqtt_publication {
  std::string topic;
  std::string payload;
};

/// MQTT messages that are published in order.
struct mqtt_request {
  std::vector<mqtt_publication> publications;
  int qos = 1; ///< 0, 1 or 2.
  bool retain = false;
  std::chrono::milliseconds timeout{10'000}; ///< Until all are acknowledged.
};

/// What came of an MQTT request.
struct mqtt_answer {
  /// How many publications, from the first, the broker has for certain (QoS 1:
  /// PUBACK, 2: PUBCOMP; QoS 0: written to a live connection).
  std::size_t acknowledged = 0;
  std::string error;    ///< Empty when all are acknowledged.
  bool refused = false; ///< The broker refused credentials or permission.
  /// The number of the connection, from 1; 0: there was none yet. Behind
  /// another one may be a broker that was started anew and has forgotten what
  /// it retained.
  std::uint64_t connection = 0;
};

/// Bytes for a `byte_writer`: whole lines for a file or the console, a report
/// for a device.
struct write_request {
  std::string bytes;
};

/// What came of a write.
struct write_answer {
  std::string error; ///< Empty when all bytes were written.
  /// Only its owner can mend it (a wrong address, a missing permission): trying
  /// again soon is in vain.
  bool refused = false;
};

using delivery_request =
  std::variant<http_request, mqtt_request, write_request>;
using delivery_answer = std::variant<http_answer, mqtt_answer, write_answer>;

} // namespace signalbox
