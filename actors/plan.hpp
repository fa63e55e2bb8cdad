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
#include "storage/store.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox {

/// One `[[listen]]`, before its sockets are bound.
struct listener_plan {
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
  std::vector<std::string> exclude_names;
  std::vector<std::string> limit_names;
  storage::store_ptr store;
  std::vector<destination_plan> destinations;
  std::vector<light_plan> lights;
  config::apps_config apps; ///< The table's file is read again on changes.
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
planned make_plan(config::document& document);

} // namespace signalbox
