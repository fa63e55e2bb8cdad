// UDP in: bound sockets that are read in batches.
#pragma once

#include "messages/datagram_batch.hpp"
#include "messages/failure.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace signalbox::net {

struct udp_options {
  std::string host = "::";   ///< "::" serves IPv4, too.
  std::uint16_t port = 9997; ///< 0: any free one.
  std::uint64_t receive_buffer = std::uint64_t{8} << 20; ///< Asked for, bytes.
  std::size_t max_datagram = 65'507; ///< Longer ones are cut and flagged.
  bool share_port = false;           ///< SO_REUSEPORT, for several workers.
};

/// A bound UDP socket. Not thread-safe, except `kernel_drops` and `port`.
class udp_socket {
public:
  /// Binds. A port in use, an unknown address or a missing privilege is told
  /// in words.
  static result<udp_socket> bind(const udp_options& options);

  ~udp_socket();
  udp_socket(udp_socket&&) noexcept;
  udp_socket& operator=(udp_socket&&) noexcept;

  /// Waits up to `patience` for datagrams and takes all that have arrived, up
  /// to `datagram_batch::max_datagrams`, each with its kernel receive time.
  /// The batch is null when none came. Fails only when the socket is broken.
  result<datagram_batch_ptr> receive(std::chrono::milliseconds patience);

  /// Datagrams that the kernel dropped for want of room since the socket was
  /// bound (SO_MEMINFO; 32 bits in the kernel, widened here by differences:
  /// call it at least every few seconds).
  std::uint64_t kernel_drops();

  [[nodiscard]] std::uint16_t port() const;

  /// What the kernel gave, in bytes, as SO_RCVBUF reports it halved.
  [[nodiscard]] std::uint64_t receive_buffer() const;

private:
  struct impl;
  explicit udp_socket(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

} // namespace signalbox::net
