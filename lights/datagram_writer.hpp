// For lamps that are told by UDP and never answer.
#pragma once

#include "endpoints/transport.hpp"
#include "net/datagram_peer.hpp"

#include <optional>
#include <string_view>

namespace signalbox::lights {

/// Sends each request's bytes as one datagram. The socket is opened with the
/// first one, and again after a failure, so that a changed address is found.
class datagram_writer final : public byte_writer {
public:
  explicit datagram_writer(net::datagram_options to);

  write_answer write(const write_request& request) override;

  /// The same for bytes.
  write_answer send(std::string_view bytes);

private:
  result<void> open_and_send(std::string_view bytes);

  net::datagram_options to_;
  std::optional<net::datagram_peer> peer_;
};

} // namespace signalbox::lights
