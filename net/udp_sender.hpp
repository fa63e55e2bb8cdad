// UDP out: for `signalbox send` and the benchmarks.
#pragma once

#include "messages/failure.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace signalbox::net {

/// A connected UDP socket that sends in batches (sendmmsg). Not thread-safe.
class udp_sender {
public:
  /// Looks the name up, in both families; nothing is sent.
  static result<udp_sender> connect(const std::string& host,
                                    std::uint16_t port);

  ~udp_sender();
  udp_sender(udp_sender&&) noexcept;
  udp_sender& operator=(udp_sender&&) noexcept;

  /// Sends each text as one datagram; returns how many the kernel took, which
  /// is fewer than given only when one of them failed. Fails when the first
  /// one did: it is too long, or the peer's machine has said of an earlier one
  /// that nobody listens (told once; the next call sends again). Waits up to a
  /// second for a full device queue.
  result<std::size_t> send(std::span<const std::string_view> datagrams);

private:
  struct impl;
  explicit udp_sender(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

} // namespace signalbox::net
