// Where log lines go, and what they look like.
#pragma once

#include "config/config.hpp"

namespace signalbox::cli {

/// Logs to standard error from now on. The first call is for a time when there
/// is one thread; later ones are thread-safe.
void set_up_log(const config::log_config& options);

} // namespace signalbox::cli
