// What people use for such work today, each as a process of its own.
#pragma once

#include "bench/process/child.hpp"
#include "bench/process/temporary_directory.hpp"
#include "bench/scenarios/settings.hpp"
#include "messages/failure.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace signalbox::bench {

/// As subjects of samples, and as folders or files beside this one.
constexpr std::array<std::string_view, 3> peer_names{"rsyslog", "syslog-ng",
                                                     "node"};

/// What a peer is to do.
struct peer_task {
  /// The configuration, without its ending: receive, receive_json, file, mqtt,
  /// webhook, webhook_batch.
  std::string name;
  std::uint16_t to = 0; ///< Port that it delivers to, on 127.0.0.1.
  int qos = 0;
  std::string payload = "text"; ///< mqtt: text or message.
};

/// A peer that runs in the foreground, in a folder of its own, without any of
/// the system's configuration; ends with the handle.
class peer {
public:
  /// Whether its program is there.
  static bool is_installed(const settings& opts, std::string_view name);

  /// Whether that is so, and it has a configuration for the task.
  static bool can(const settings& opts, std::string_view name,
                  const peer_task& task);

  /// Starts it and waits until it listens.
  static result<peer> start(const settings& opts, std::string_view name,
                            const peer_task& task);

  /// The UDP port that it listens on.
  [[nodiscard]] std::uint16_t port() const noexcept {
    return port_;
  }

  /// The file of the task "file".
  [[nodiscard]] std::filesystem::path file() const {
    return folder_.path() / "events.ndjson";
  }

  /// CPU time of all its processes: a peer without MQTT has a helper for it.
  [[nodiscard]] std::chrono::nanoseconds cpu() const;

  /// Datagrams that the kernel dropped because its buffer was full.
  [[nodiscard]] std::uint64_t kernel_dropped() const;

  /// Waits until its buffer is empty and it rests for a while.
  void settle() const;

private:
  peer(temporary_directory folder, child process, std::uint16_t port);

  temporary_directory folder_;
  child process_;
  std::uint16_t port_;
};

} // namespace signalbox::bench
