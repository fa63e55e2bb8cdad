// The least delay between a datagram and what becomes of it.
#pragma once

#include "bench/process/child.hpp"
#include "messages/failure.hpp"

#include <cstdint>

namespace signalbox::bench {

/// A process that passes datagrams on over a TCP connection, a line each: it
/// takes up to 64 at a time with recvmmsg and writes them at once. Ends with
/// the handle.
class relay_floor {
public:
  /// @param to Port of whoever takes the lines, on 127.0.0.1.
  static result<relay_floor> start(std::uint16_t to);

  /// Where datagrams go to.
  [[nodiscard]] std::uint16_t port() const noexcept {
    return port_;
  }

  [[nodiscard]] const child& process() const noexcept {
    return process_;
  }

private:
  relay_floor(std::uint16_t port, child process);

  std::uint16_t port_;
  child process_;
};

} // namespace signalbox::bench
