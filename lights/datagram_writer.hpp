// For lamps that are told by UDP and never answer.
#pragma once

#include "endpoints/transport.hpp"
#include "messages/clock.hpp"
#include "net/datagram_peer.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::lights {

/// Sends each request's bytes as one datagram. What the network says of it
/// comes later, if at all: it is the answer to the next ones.
class datagram_writer final : public byte_writer {
public:
  /// How long a socket is used: then the name is looked up again, as the lamp
  /// may have another address by now.
  static constexpr std::chrono::seconds socket_age{30};

  /// For how long an error is told: between two of them, the lamp would seem to
  /// work. A machine that is gone is told of every three seconds.
  static constexpr std::chrono::seconds error_age{5};

  explicit datagram_writer(net::datagram_options to);

  write_answer write(const write_request& request) override;

  /// The same for bytes.
  write_answer send(std::string_view bytes, mono_time now);

private:
  void hold(const result<void>& x, mono_time now);
  bool open(mono_time now);

  net::datagram_options to_;
  std::optional<net::datagram_peer> peer_;
  mono_time opened_{};
  std::string error_;
  mono_time error_ends_{};
};

} // namespace signalbox::lights
