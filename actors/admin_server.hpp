// The admin interface: a small HTTP server for a person, a scraper and other
// commands. It only asks: it holds no state of its own.
#pragma once

#include "config/config.hpp"
#include "messages/actors.hpp"
#include "messages/clock.hpp"
#include "messages/failure.hpp"
#include "policy/ledger.hpp"

#include <caf/actor_system.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace signalbox {

/// Whether the engine takes events, for `GET /readyz`. Set by the supervisor,
/// read by the admin server's threads.
struct readiness {
  std::atomic<bool> ready = false;
  std::atomic<bool> draining = false;
};

/// Owns the server's threads. Bind it before any actor is spawned, so that a
/// port in use ends the start; serve once telemetry exists.
class admin_server {
public:
  /// Viewers of the live tail at a time; each holds one of the threads.
  static constexpr std::size_t max_viewers = 8;
  static constexpr std::size_t threads = max_viewers + 4;

  /// @param drain How long a drain that is asked for may take.
  static result<std::unique_ptr<admin_server>>
  bind(const config::admin_config& options, duration drain);

  /// Ends all connections and joins the threads.
  ~admin_server();

  admin_server(const admin_server&) = delete;
  admin_server& operator=(const admin_server&) = delete;

  /// Starts to answer. All arguments outlive the server, except `telemetry`.
  void serve(caf::actor_system& sys, supervisor_actor supervisor,
             telemetry_actor telemetry, letter_keeper_actor letters,
             std::shared_ptr<books> ledger,
             std::shared_ptr<const readiness> state);

  [[nodiscard]] std::uint16_t port() const noexcept;

private:
  struct impl;
  explicit admin_server(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

} // namespace signalbox
