// A server that counts what is delivered to it, as a process of its own.
#pragma once

#include "bench/process/child.hpp"
#include "bench/process/shared.hpp"
#include "bench/sinks/intake.hpp"
#include "messages/failure.hpp"
#include "net/descriptor.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace signalbox::bench {

/// Listens on 127.0.0.1 in a child process that ends with the handle. One
/// thread serves all connections: a read takes all that is there, and one write
/// answers all of it, so that what is measured is the client's cost.
class sink {
public:
  /// @param mark See `intake`.
  /// @param port 0: any that is free.
  static result<sink> start(protocol speaks, const std::string& mark = {},
                            std::uint16_t port = 0);

  [[nodiscard]] std::uint16_t port() const {
    return port_;
  }

  /// What has arrived so far.
  [[nodiscard]] const arrivals& seen() const {
    return *seen_;
  }

  /// Forgets how long messages were under way, while none is.
  void forget_delays() {
    seen_->under_way.clear();
  }

  [[nodiscard]] std::chrono::nanoseconds cpu() const {
    return process_.cpu();
  }

private:
  sink(std::uint16_t port, shared<arrivals> seen, child process);

  std::uint16_t port_;
  shared<arrivals> seen_;
  child process_;
};

} // namespace signalbox::bench
