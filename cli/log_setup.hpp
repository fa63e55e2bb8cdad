// Where log lines go, and what they look like.
#pragma once

#include "config/config.hpp"

namespace signalbox::cli {

/// Logs to standard error from now on. Thread-safe afterwards.
void set_up_log(const config::log_config& options);

} // namespace signalbox::cli
