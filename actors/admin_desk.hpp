// What the admin interface asks actors for, from threads of its HTTP server.
#pragma once

#include "messages/actors.hpp"
#include "messages/failure.hpp"

#include <caf/actor_system.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

namespace signalbox {

/// Asks and waits: each call blocks its thread until the answer is there, the
/// time is over, or the desk is closed. Thread-safe. Fails with
/// `errc::not_available` when nobody answers, and with the kinds below when the
/// answer is no.
class admin_desk {
public:
  /// @param drain How long a drain may take.
  admin_desk(caf::actor_system& sys, supervisor_actor supervisor,
             telemetry_actor telemetry, letter_keeper_actor letters,
             duration drain)
    : sys_(&sys),
      supervisor_(std::move(supervisor)),
      telemetry_(std::move(telemetry)),
      letters_(std::move(letters)),
      drain_(drain) {
    // nop
  }

  [[nodiscard]] result<engine_picture_ptr> picture() const;

  /// Fail with `errc::file`.
  [[nodiscard]] result<letter_page_ptr> letters(const letter_query& x) const;
  [[nodiscard]] result<std::uint64_t> retry(const letter_query& x) const;
  [[nodiscard]] result<std::uint64_t> purge(const letter_query& x) const;

  /// What has changed; fails with `errc::bad_config` and all that is wrong, a
  /// line each.
  [[nodiscard]] result<std::string> reload() const;

  /// As SIGTERM does.
  void drain() const;

  /// Somebody watches events arrive until the feed closes.
  void watch(const event_feed_ptr& feed) const;

  /// Whoever still waits for an answer gives up, for actors are about to end.
  void close() {
    closed_ = true;
  }

private:
  template <class T, class Handle, class... Ts>
  result<T> ask(errc no, const Handle& whom, duration patience,
                const Ts&... what) const;

  caf::actor_system* sys_;
  supervisor_actor supervisor_;
  telemetry_actor telemetry_;
  letter_keeper_actor letters_;
  duration drain_;
  std::atomic<bool> closed_ = false;
};

} // namespace signalbox
