// The engine as a process of its own, as a user would run it.
#pragma once

#include "bench/process/child.hpp"
#include "bench/process/temporary_directory.hpp"
#include "bench/scenarios/ledger.hpp"
#include "bench/scenarios/settings.hpp"
#include "messages/failure.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace httplib {
class Client;
} // namespace httplib

namespace signalbox::bench {

/// A running engine with one listener and its admin interface, both on
/// loopback, in a folder of its own that goes with it. Not thread-safe.
class engine {
public:
  /// Starts it and waits until it is ready.
  /// @param config TOML behind the sections `node` (data_dir is "data"),
  /// `listen`, `admin` and `log`; paths are relative to `folder()`.
  static result<engine> start(const settings& opts, const std::string& config);

  ~engine();
  engine(engine&& other) noexcept;
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;
  engine& operator=(engine&&) = delete;

  /// The UDP port that it listens on.
  [[nodiscard]] std::uint16_t port() const noexcept {
    return port_;
  }

  [[nodiscard]] const std::filesystem::path& folder() const noexcept {
    return folder_.path();
  }

  [[nodiscard]] child& process() noexcept {
    return process_;
  }

  [[nodiscard]] result<ledger> books();

  /// Waits until all datagrams that were ever sent are taken in. The run is
  /// void, and this fails with the numbers, when that does not come to pass, or
  /// the books do not balance, or something was rejected.
  result<ledger> taken_in(std::uint64_t sent, std::chrono::seconds patience);

  /// The same, and nothing waits any more for any destination.
  result<ledger> delivered(std::uint64_t sent, std::chrono::seconds patience);

  /// Stops it with SIGTERM. Fails with its last words if that went wrong.
  result<void> stop();

  /// Starts it again after `stop` or a kill, in the same folder with the same
  /// ports and configuration.
  result<void> start_again();

private:
  engine(temporary_directory folder, std::string binary, child process,
         std::uint16_t port, std::uint16_t admin_port);

  result<ledger> settled(std::uint64_t sent, bool delivered,
                         std::chrono::seconds patience);
  result<void> wait_until_ready();
  [[nodiscard]] std::string last_words() const;

  temporary_directory folder_;
  std::string binary_;
  child process_;
  std::uint16_t port_;
  std::unique_ptr<httplib::Client> admin_;
};

} // namespace signalbox::bench
