#include "actors/session_staff.hpp"

#include "actors/session_board.hpp"
#include "actors/session_keeper.hpp"
#include "actors/sessions.hpp"
#include "actors/staff.hpp"

#include <caf/actor_system.hpp>
#include <spdlog/spdlog.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>

namespace signalbox {

namespace {

using namespace std::chrono_literals;

// For the last snapshot, on a disk that may hang.
constexpr duration close_within = 2s;

void spawn_sessions(supervisor_ptr self, sequence from) {
  auto& st = self->state;
  sessions_plan plan;
  plan.table.expire = st.plan.engine.session_expire;
  plan.from = from;
  plan.journal = st.journal;
  plan.telemetry = st.telemetry;
  plan.wall = [] {
    return std::chrono::system_clock::now();
  };
  // Where the journal is not kept, nothing else is.
  if (st.plan.store->is_durable())
    plan.keeper = self->spawn<caf::detached>(
      session_keeper,
      (std::filesystem::path{st.plan.engine.data_dir} / "sessions.json")
        .string());
  st.sessions = self->spawn(sessions, std::move(plan));
  self->monitor(st.sessions);
}

} // namespace

void start_sessions(supervisor_ptr self, const std::function<void()>& then) {
  self
    ->request(self->state.journal, caf::infinite, atoms::watch::value,
              std::string{sessions_reader})
    .then([self, then](const position& at) {
      spawn_sessions(self, at.where.next);
      then();
    });
}

void close_sessions(supervisor_ptr self, const std::function<void()>& then) {
  if (!self->state.sessions) {
    then();
    return;
  }
  self->request(self->state.sessions, close_within, atoms::close::value)
    .then([then](caf::ok_atom) { then(); },
          [then](const caf::error& why) {
            spdlog::warn("sessions: the last snapshot may be missing: {}",
                         to_string(why));
            then();
          });
}

bool start_session_board(supervisor_ptr self, running_destination& x) {
  auto& st = self->state;
  const auto& name = x.plan.name;
  auto publisher = x.board ? nullptr : x.plan.shaper->sessions();
  if (!publisher)
    return true;
  auto wire = open_transport(self, "destination '" + name + "'",
                             publisher->open_transport());
  if (!wire)
    return false;
  x.board = self->spawn(session_board, name, std::move(publisher),
                        std::move(wire), st.telemetry);
  self->monitor(x.board);
  return true;
}

void end_session_board(supervisor_ptr self, running_destination& x) {
  if (auto board = std::exchange(x.board, nullptr))
    self->send_exit(board, caf::exit_reason::user_shutdown);
}

bool restart_sessions(supervisor_ptr self, const caf::down_msg& x) {
  auto& st = self->state;
  for (auto& [name, one] : st.destinations)
    if (one.board && one.board.address() == x.source) {
      one.board = nullptr;
      spdlog::error("destination '{}' cannot show who is active: {}; it tries "
                    "again in a moment",
                    name, to_string(x.reason));
      start_later(self, name);
      return true;
    }
  if (!st.sessions || st.sessions.address() != x.source)
    return false;
  st.sessions = nullptr;
  spdlog::error("sessions failed: {}; in a moment active users are counted "
                "again, {}",
                to_string(x.reason),
                st.plan.store->is_durable()
                  ? "from the last snapshot on"
                  : "from nobody on, as the journal is in memory "
                    "(journal.store)");
  start_later(self, sessions_reader);
  return true;
}

} // namespace signalbox
