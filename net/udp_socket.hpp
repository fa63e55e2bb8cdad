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

class descriptor;

struct udp_options {
  std::string host = "::";   ///< "::" serves IPv4, too.
  std::uint16_t port = 9997; ///< 0: any free one.
  std::uint64_t receive_buffer = std::uint64_t{8} << 20; ///< Asked for, bytes.
  std::size_t max_datagram = 65'507; ///< Longer ones are cut and flagged.
  bool share_port = false;           ///< SO_REUSEPORT, for several workers.
};

/// A bound UDP socket. Not thread-safe, except what concerns drops, `cookie`
/// and `port`.
class udp_socket {
public:
  /// Binds. A port in use, an unknown address or a missing privilege is told
  /// in words.
  static result<udp_socket> bind(const udp_options& options);

  /// Takes over a socket that somebody else has bound, with all that waits in
  /// it. Its receive buffer becomes as large as is asked for, never smaller.
  /// @param options The address and `share_port` are what they are.
  static result<udp_socket> adopt(descriptor fd, const udp_options& options);

  ~udp_socket();
  udp_socket(udp_socket&&) noexcept;
  udp_socket& operator=(udp_socket&&) noexcept;

  /// Waits up to `patience` for datagrams and takes all that have arrived, up
  /// to `datagram_batch::max_datagrams`, each with its kernel receive time.
  /// The batch is null when none came. Fails only when the socket is broken.
  result<datagram_batch_ptr> receive(std::chrono::milliseconds patience);

  /// Datagrams that the kernel dropped for want of room since the socket was
  /// bound, or adopted (SO_MEMINFO; 32 bits in the kernel, widened here by
  /// differences: call it at least every few seconds).
  std::uint64_t kernel_drops();

  /// The kernel's own counter, as the last `kernel_drops` saw it. It counts
  /// from the socket's making, whoever holds the socket: keep it for the next
  /// process that adopts this one, together with `cookie`.
  [[nodiscard]] std::uint32_t raw_drops() const;

  /// How far a former process had counted this very socket's drops: what came
  /// after becomes part of `kernel_drops`. 0 when nobody has held the socket
  /// before. Without this call the drops from before `adopt` are not counted.
  /// Call it before `kernel_drops`. Ignored if the counter is not that far,
  /// as it cannot be the same socket then.
  void drops_seen_before(std::uint32_t raw);

  /// The kernel's name for the socket itself (SO_COOKIE), whoever holds it. No
  /// other socket has it until the machine boots; see `boot_id` in
  /// net/inherited_sockets.hpp.
  [[nodiscard]] std::uint64_t cookie() const;

  [[nodiscard]] std::uint16_t port() const;

  /// What the kernel gave, in bytes, as SO_RCVBUF reports it halved.
  [[nodiscard]] std::uint64_t receive_buffer() const;

private:
  struct impl;
  explicit udp_socket(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

} // namespace signalbox::net
