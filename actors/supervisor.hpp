// The SUPERVISOR actor: spawns everybody, watches over them, and drains.
#pragma once

#include "actors/admin_server.hpp"
#include "actors/ingest.hpp"
#include "actors/parser.hpp"
#include "actors/plan.hpp"
#include "messages/actors.hpp"
#include "policy/ledger.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace signalbox {

/// A listener's sockets, bound and kept open by the supervisor.
struct bound_listener {
  std::vector<ingest_plan> sockets;
  parser_plan parser;
};

/// What the supervisor starts with.
struct supervisor_plan {
  engine_plan engine;
  std::vector<bound_listener> listeners;
  std::unique_ptr<admin_server> admin; ///< Null: no admin interface.
  std::shared_ptr<books> ledger;
  std::shared_ptr<readiness> state;
};

/// Binds every listener's sockets, or says which one cannot be had.
result<std::vector<bound_listener>> bind_listeners(const engine_plan& plan);

struct supervisor_state {
  static inline constexpr const char* name = "supervisor";

  supervisor_plan plan;
  journal_actor journal;
  telemetry_actor telemetry;
  limiter_actor limiter;
  std::vector<parser_actor> parsers;
  std::vector<ingest_actor> ingests;
  std::vector<transport_actor> transports;
  std::vector<destination_actor> destinations;
  std::vector<light_actor> lights;
  std::map<caf::actor_addr, std::string> watched; ///< What each is called.
  std::size_t unanswered = 0;                     ///< Of the step at hand.
  mono_time deadline;
  std::filesystem::file_time_type apps_changed; ///< Of the app names' file.
};

/// @param plan Taken apart: it is empty afterwards.
/// Ends with a reason other than `normal` when the engine cannot go on.
supervisor_actor::behavior_type
supervisor(supervisor_actor::stateful_pointer<supervisor_state> self,
           const std::shared_ptr<supervisor_plan>& plan);

} // namespace signalbox
