// From a configuration to everything that actors are made of. Nothing is
// opened yet: `signalbox check` stops here.
#pragma once

#include "actors/destination.hpp"
#include "actors/light.hpp"
#include "config/load.hpp"
#include "destinations/driver.hpp"
#include "formats/wire_parser.hpp"
#include "net/cidr.hpp"
#include "net/udp_socket.hpp"
#include "policy/admission.hpp"
#include "storage/log_tail.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox {

/// One `[[listen]]`, before its sockets are bound.
struct listener_plan {
  config::listen_config config; ///< To see what a reload changes.
  std::string name;
  net::udp_options socket;
  unsigned workers = 1;
  wire_parser::options formats;
  std::optional<std::vector<net::cidr>> allow;
};

/// Everything, ready to be spawned.
struct engine_plan {
  std::string node;
  std::vector<listener_plan> listeners;
  std::unique_ptr<admission> rules;
  admission_rules rules_config; ///< To see what a reload changes.
  std::vector<std::string> exclude_names;
  std::vector<std::string> limit_names;
  std::string data_dir;
  config::store_kind store = config::store_kind::sqlite;
  storage::log_options journal;
  std::vector<destination_plan> destinations;
  std::vector<light_plan> lights;
  duration session_expire = std::chrono::hours(12);
  config::apps_config apps; ///< The table's file is read again on changes.
  app_names_ptr app_names;
  std::shared_ptr<const user_agent_rules> user_agents;
  config::admin_config admin;
  config::log_config log;
  /// Named in the config but not enabled; for `GET /api/destinations`.
  std::vector<destination_status> disabled;
};

/// What came of a configuration: a plan, or all its mistakes.
struct planned {
  engine_plan plan;
  std::vector<config::diagnostic> mistakes;
};

/// Reads the tables of app names; null when there are none.
result<std::shared_ptr<const app_names>>
load_apps(const config::apps_config& from);

/// Lets every driver read its keys, and reports every mistake.
/// @param user_agents Rules that were read before; null: reads them.
planned make_plan(config::document& document,
                  std::shared_ptr<const user_agent_rules> user_agents = {});

/// The store that a plan names. The directory is created, and locked against
/// a second engine.
result<storage::store_ptr> open_store(const engine_plan& plan);

} // namespace signalbox
