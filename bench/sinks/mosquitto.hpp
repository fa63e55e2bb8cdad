// The broker that many people have.
#pragma once

#include "bench/process/child.hpp"
#include "bench/process/temporary_directory.hpp"
#include "messages/failure.hpp"

#include <cstdint>
#include <filesystem>

namespace signalbox::bench {

/// mosquitto on 127.0.0.1 without logs, files and subscribers; ends with the
/// handle.
class mosquitto_broker {
public:
  /// @param work Where it gets a folder.
  static result<mosquitto_broker> start(const std::filesystem::path& work);

  [[nodiscard]] std::uint16_t port() const noexcept {
    return port_;
  }

private:
  mosquitto_broker(temporary_directory folder, child process,
                   std::uint16_t port);

  temporary_directory folder_;
  child process_;
  std::uint16_t port_;
};

} // namespace signalbox::bench
