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

/// Where an engine lives: what other commands need to find it by.
struct engine_home {
  config::admin_config admin;
  std::string data_dir;
  config::store_kind store = config::store_kind::sqlite;
};

/// Reads where an engine with this configuration file lives, or with none at
/// all. Mistakes elsewhere do not matter (a secret that only the service knows,
/// say); others are printed to standard error, and then it is empty.
std::optional<engine_home> read_home(const std::string& file);

/// Reads the file once more, for a reload, and again while somebody writes it.
/// The log's settings take effect if there are no mistakes; an empty file is
/// one.
planned plan_again(const std::string& file,
                   const std::shared_ptr<const user_agent_rules>& user_agents);

/// Reads the file, or the built-in defaults without one. Prints all mistakes
/// to standard error, a line each, and is then empty.
std::optional<readied> read_config(const std::string& file);

} // namespace signalbox::cli
