// A process under measurement.
#pragma once

#include "messages/failure.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace signalbox::bench {

/// What a process holds of the machine's memory, in MiB.
struct memory_use {
  double now = 0;  ///< Resident set (VmRSS in /proc/PID/status).
  double peak = 0; ///< The largest it ever was (VmHWM).
};

/// A child process, stopped with SIGTERM when the handle goes. It is killed
/// when this process ends before that. Not thread-safe.
class child {
public:
  /// Runs a function in a child process.
  static result<child> fork(const std::function<void()>& body);

  /// Runs a program in a child process.
  /// @param output File that its output and errors go to; empty: where ours go.
  static result<child> exec(const std::vector<std::string>& command,
                            const std::string& output = {});

  ~child();
  child(child&& other) noexcept;
  child& operator=(child&& other) noexcept; ///< Stops the former one.
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  [[nodiscard]] pid_t id() const noexcept {
    return pid_;
  }

  /// CPU time of all its threads, user and system, since it started.
  [[nodiscard]] std::chrono::nanoseconds cpu() const;

  [[nodiscard]] memory_use memory() const;

  [[nodiscard]] bool alive() const;

  /// Sends SIGTERM and waits; SIGKILL follows when half a minute did not
  /// suffice. Returns the exit status, -1 if a signal ended it.
  int stop();

  /// Ends it at once (SIGKILL), as a crash would.
  void kill();

private:
  explicit child(pid_t pid) : pid_(pid) {
    // nop
  }

  pid_t pid_;
};

} // namespace signalbox::bench
