// A process under measurement.
#pragma once

#include "messages/failure.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace signalbox::bench {

/// A child process, stopped with SIGTERM when the handle goes.
class child {
public:
  /// Runs a function in a child process.
  static result<child> fork(const std::function<void()>& body);

  /// Runs a program in a child process.
  static result<child> exec(const std::vector<std::string>& command);

  ~child();
  child(child&& other) noexcept;
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  child& operator=(child&&) = delete;

  /// CPU time of all its threads, user and system, since it started.
  [[nodiscard]] std::chrono::nanoseconds cpu() const;

  [[nodiscard]] bool alive() const;

  /// Sends SIGTERM and waits; returns the exit status, -1 if a signal ended it.
  int stop();

private:
  explicit child(pid_t pid) : pid_(pid) {
    // nop
  }

  pid_t pid_;
};

} // namespace signalbox::bench
