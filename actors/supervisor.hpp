// The SUPERVISOR actor: spawns everybody, watches over them, changes them on
// reload, and drains.
#pragma once

#include "actors/admin_server.hpp"
#include "actors/ingest.hpp"
#include "actors/parser.hpp"
#include "actors/plan.hpp"
#include "messages/actors.hpp"
#include "net/inherited_sockets.hpp"
#include "policy/ledger.hpp"
#include "policy/pace.hpp"
#include "storage/store.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace signalbox {

/// A listener's sockets, bound and kept open by the supervisor.
struct bound_listener {
  listener_plan plan;
  std::vector<ingest_plan> sockets;
  std::vector<parser_actor> parsers; ///< One for each socket, once spawned.
  std::vector<ingest_actor> ingests;
};

/// What the supervisor starts with.
struct supervisor_plan {
  engine_plan engine;
  std::vector<bound_listener> listeners;
  std::shared_ptr<storage::store> store;
  storage::recovered former;           ///< What the store held.
  std::unique_ptr<admin_server> admin; ///< Null: no admin interface.
  std::shared_ptr<books> ledger;
  std::shared_ptr<readiness> state;
  /// Reads the configuration again. Called on a thread of its own.
  std::function<planned()> read_again;
};

/// The same for one listener, of a running engine.
result<bound_listener> bind_listener(const listener_plan& plan);

/// Binds every listener's sockets, or takes those that were passed to us, or
/// says which one cannot be had.
/// @param former How far a former process had counted their drops; null: what
///   was dropped before we got them is not counted.
result<std::vector<bound_listener>>
bind_listeners(const engine_plan& plan, net::inherited_sockets& inherited,
               const ledger* former);

/// A destination that runs, or did and will again.
struct running_destination {
  destination_plan plan;
  destination_actor actor;              ///< Null between two lives.
  session_board_actor board;            ///< Null: it shows no active users.
  bool ending = false;                  ///< It was told to stop.
  std::optional<destination_plan> next; ///< What it becomes then.
};

struct running_light {
  light_plan plan;
  light_actor actor; ///< Null between two lives.
  bool ending = false;
  std::optional<light_plan> next;
};

struct supervisor_state {
  static inline constexpr const char* name = "supervisor";

  using reload_promise = caf::typed_response_promise<std::string>;

  supervisor_plan plan;
  store_actor writer;
  store_actor reader;
  journal_actor journal;
  telemetry_actor telemetry;
  limiter_actor limiter;
  sessions_actor sessions; ///< Null between two lives.
  transport_ptr http;
  paces limits;
  std::map<std::string, running_destination> destinations;
  std::map<std::string, running_light> lights;
  std::set<std::string> restarts; ///< A timer is set, by name: one for each.
  std::vector<bound_listener> listeners;
  /// What each actor is called; the core ones end the engine with them.
  std::map<caf::actor_addr, std::string> core;
  std::size_t unanswered = 0;   ///< Of the step at hand.
  unsigned next_lane = 0;       ///< Of event ids.
  mono_time deadline;           ///< Of the drain.
  mono_time drain_moved;        ///< When it last got anywhere,
  std::uint64_t drain_left = 0; ///< and how many events were left then.
  bool ended = false;
  std::filesystem::file_time_type apps_changed; ///< Of the app names' file.
  bool reloading = false;
  std::vector<reload_promise> reload_asked;   ///< Answered by this reload,
  std::vector<reload_promise> reload_waiting; ///< and by the next one.
};

using supervisor_ptr = supervisor_actor::stateful_pointer<supervisor_state>;

/// @param plan Taken apart: it is empty afterwards.
/// Ends with a reason other than `normal` when the engine cannot go on.
supervisor_actor::behavior_type
supervisor(supervisor_ptr self, const std::shared_ptr<supervisor_plan>& plan);

} // namespace signalbox
