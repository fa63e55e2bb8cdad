// Reading the configuration file, as several commands do.
#pragma once

#include "actors/plan.hpp"
#include "config/load.hpp"

#include <memory>
#include <optional>
#include <string>

namespace signalbox::cli {

/// A configuration and what it becomes.
struct readied {
  config::document document;
  engine_plan plan;
};

/// Reads the file once more, for a reload. The log's settings take effect if
/// there are no mistakes.
planned plan_again(const std::string& file,
                   std::shared_ptr<const user_agent_rules> user_agents);

/// Reads the file, or the built-in defaults without one. Prints all mistakes
/// to standard error, a line each, and is then empty.
std::optional<readied> read_config(const std::string& file);

} // namespace signalbox::cli
