// One device that is spoken to in datagrams, and may answer.
#pragma once

#include "messages/clock.hpp"
#include "messages/endpoint.hpp"
#include "messages/failure.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::net {

struct datagram_options {
  std::string host; ///< A name or literal; also a broadcast or group address.
  std::uint16_t port = 0;
  /// Whoever answers is heard, not only `host`: for questions to everybody.
  bool heed_all = false;
  /// The network interface that multicast leaves by ("eth0"); empty: the
  /// system's choice.
  std::string interface_name{};
};

struct datagram {
  std::string bytes;
  endpoint source;
};

/// A UDP socket to one host and port. Not thread-safe. Blocks for as long as is
/// said, never longer.
class datagram_peer {
public:
  /// Bytes of an answer; longer ones are cut.
  static constexpr std::size_t max_answer = 2'048;

  /// Looks the name up; nothing is sent.
  static result<datagram_peer> open(const datagram_options& options,
                                    mono_time deadline);

  ~datagram_peer();
  datagram_peer(datagram_peer&&) noexcept;
  datagram_peer& operator=(datagram_peer&&) noexcept;

  /// Sends one datagram. Fails when there is no way to the host, or when its
  /// machine has said of an earlier datagram that nobody listens (told once;
  /// the next call sends again).
  result<void> send(std::string_view bytes);

  /// Fails when an earlier datagram is known not to have arrived: nobody
  /// listens there, or no machine has that address (told some seconds after
  /// the datagram). Each is told once, by this or by the next call of another;
  /// nothing is told with `heed_all`. Never blocks.
  result<void> troubles();

  /// The next answer; null when none came until `deadline`. One that waits
  /// already is returned whatever the deadline. Fails when the host's machine
  /// says that nobody listens.
  result<std::optional<datagram>> receive(mono_time deadline);

private:
  struct impl;
  explicit datagram_peer(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

} // namespace signalbox::net
