// Reading the configuration file, as several commands do.
#pragma once

#include "actors/plan.hpp"
#include "config/load.hpp"

#include <optional>
#include <string>

namespace signalbox::cli {

/// A configuration and what it becomes.
struct readied {
  config::document document;
  engine_plan plan;
};

/// Reads the file, or the built-in defaults without one. Prints all mistakes
/// to standard error, a line each, and is then empty.
std::optional<readied> read_config(const std::string& file);

} // namespace signalbox::cli
