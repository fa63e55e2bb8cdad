// The least that receiving datagrams can cost: what the engine's way from the
// socket is measured against.
#pragma once

#include "bench/process/child.hpp"
#include "bench/process/shared_counter.hpp"
#include "messages/failure.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace signalbox::bench {

/// What is done with a datagram besides counting it.
struct receive_work {
  bool read_json = false; ///< Reads all its fields with simdjson On-Demand.
  std::string file;       ///< Writes so many bytes for it here, if named.
  double bytes = 0;
};

/// A UDP socket on 127.0.0.1, closed with the handle.
class floor_socket {
public:
  /// Binds any free port with the engine's own receive buffer.
  static result<floor_socket> bind();

  ~floor_socket();
  floor_socket(floor_socket&& other) noexcept;
  floor_socket(const floor_socket&) = delete;
  floor_socket& operator=(const floor_socket&) = delete;
  floor_socket& operator=(floor_socket&&) = delete;

  [[nodiscard]] int fd() const noexcept {
    return fd_;
  }
  [[nodiscard]] std::uint16_t port() const noexcept {
    return port_;
  }

private:
  floor_socket() = default;

  int fd_ = -1;
  std::uint16_t port_ = 0;
};

/// A process that takes up to 64 datagrams at a time with recvmmsg, does the
/// work, and writes with one write(2) a batch.
class receive_floor {
public:
  static result<receive_floor> start(const receive_work& work);

  [[nodiscard]] std::uint16_t port() const noexcept {
    return socket_.port();
  }
  [[nodiscard]] std::uint64_t received() const noexcept {
    return received_.value();
  }
  [[nodiscard]] const child& process() const noexcept {
    return process_;
  }

private:
  receive_floor(floor_socket socket, shared_counter received, child process);

  floor_socket socket_;
  shared_counter received_;
  child process_;
};

} // namespace signalbox::bench
