// The least that receiving and keeping datagrams can cost: what the engine is
// measured against.
#pragma once

#include "messages/failure.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

namespace signalbox::bench {

/// A UDP socket on 127.0.0.1, closed with the handle.
struct floor_socket {
  int fd = -1;
  std::uint16_t port = 0;

  floor_socket() = default;
  floor_socket(floor_socket&& other) noexcept
    : fd(std::exchange(other.fd, -1)), port(other.port) {
    // nop
  }
  floor_socket(const floor_socket&) = delete;
  floor_socket& operator=(const floor_socket&) = delete;
  floor_socket& operator=(floor_socket&&) = delete;
  ~floor_socket();
};

/// Binds any free port with the engine's own receive buffer.
result<floor_socket> bind_floor();

/// Receives up to 64 datagrams at a time with recvmmsg and writes their bytes,
/// a line each, with one write(2) a batch. Runs until the process is killed.
/// @param received Counts datagrams; in memory shared with who asks.
[[noreturn]] void run_floor(const floor_socket& socket, const std::string& path,
                            std::atomic<std::uint64_t>& received);

} // namespace signalbox::bench
