// What a service manager (systemd) is told about this process: sd_notify(3).
// Without one, nothing happens. May be called from any thread.
#pragma once

#include "messages/clock.hpp"

#include <optional>
#include <string_view>

namespace signalbox::net {

/// Each of these answers whether the service manager was told: false where
/// there is none, or where it cannot be reached. Nobody needs to act on it.

/// Started, or done with reloading: everything is listening.
bool notify_ready();

/// A reload begins; `notify_ready` ends it, whether it worked or not.
bool notify_reloading();

/// The drain begins.
bool notify_stopping();

/// What `systemctl status` shows: one line, without control characters, of
/// which about a thousand bytes are kept.
bool notify_status(std::string_view text);

/// The same for the reason why the process is about to exit with an error.
bool notify_failed(std::string_view reason);

/// Still working, for the watchdog.
bool notify_alive();

/// How often `notify_alive` is due, at the latest: half of `WatchdogSec=`, as
/// sd_watchdog_enabled(3) advises. Nothing when no watchdog is set for us.
std::optional<duration> watchdog_interval();

} // namespace signalbox::net
