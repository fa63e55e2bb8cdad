#include "actors/supervisor.hpp"

#include "actors/journal.hpp"
#include "actors/limiter.hpp"
#include "actors/reload.hpp"
#include "actors/session_staff.hpp"
#include "actors/staff.hpp"
#include "actors/store.hpp"
#include "actors/telemetry.hpp"
#include "actors/transports.hpp"
#include "net/service_manager.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>

namespace signalbox {

namespace {

using self_ptr = supervisor_ptr;

constexpr auto refresh_interval = std::chrono::seconds(2);
constexpr auto drain_check_interval = std::chrono::milliseconds(20);

// A drain ends early when nothing is out and nothing has moved for so long: a
// channel that is down keeps its events in the journal, not us from stopping.
constexpr auto drain_patience = std::chrono::seconds(2);

// Calls `then` when every one of the actors has answered the atom.
template <class Handle, class Atom>
void ask_all(self_ptr self, const std::vector<Handle>& actors, Atom what,
             const std::function<void()>& then) {
  auto& st = self->state;
  st.unanswered = actors.size();
  if (actors.empty()) {
    then();
    return;
  }
  const auto answered = [self, then] {
    if (--self->state.unanswered == 0)
      then();
  };
  for (const auto& x : actors)
    self->request(x, caf::infinite, what)
      .then([answered](caf::ok_atom) { answered(); },
            [answered](const caf::error&) { answered(); });
}

// What a former process left of destinations that are no more is released, and
// datagrams are read.
void open_the_doors(self_ptr self) {
  auto& st = self->state;
  std::vector<std::string> names;
  for (const auto& [name, x] : st.destinations)
    names.push_back(name);
  self->send(st.journal, atoms::keep::value, std::move(names));
  for (auto& x : st.listeners)
    start_listener(self, x);
  st.plan.state->ready = true;
  net::notify_ready();
  spdlog::info("ready");
}

// The destinations, and who counts the active users, become known to the
// journal before the first datagram is read, so that none misses an event.
void attach_readers(self_ptr self) {
  auto& st = self->state;
  st.unanswered = st.destinations.size() + 1;
  const auto attached = [self] {
    if (--self->state.unanswered == 0)
      open_the_doors(self);
  };
  start_sessions(self, attached);
  for (const auto& [name, x] : st.destinations)
    self
      ->request(st.journal, caf::infinite, atoms::attach::value, name,
                x.plan.from_oldest)
      .then([attached](const position&) { attached(); });
}

void spawn_core(self_ptr self) {
  auto& st = self->state;
  auto& engine = st.plan.engine;
  // Writing and reading wait for the disk, each on a thread of its own.
  st.writer = watch_core(self, self->spawn<caf::detached>(store, st.plan.store),
                         "writer of the journal");
  st.reader = watch_core(self, self->spawn<caf::detached>(store, st.plan.store),
                         "reader of the journal");
  auto log = std::make_shared<journal_plan>();
  log->options = engine.journal;
  log->durable = st.plan.store->is_durable();
  log->former = std::move(st.plan.former);
  log->writer = st.writer;
  log->reader = st.reader;
  st.journal =
    watch_core(self, self->spawn(journal, log, st.plan.ledger), "journal");
  st.telemetry =
    watch_core(self, self->spawn(telemetry, st.journal), "telemetry");
  auto rules = std::make_shared<limiter_plan>();
  rules->rules = std::move(engine.rules);
  rules->exclude_names = engine.exclude_names;
  rules->limit_names = engine.limit_names;
  st.limiter = watch_core(
    self, self->spawn(limiter, rules, st.journal, st.plan.ledger), "limiter");
  st.http = make_http_transport();
}

void spawn_readers(self_ptr self) {
  auto& st = self->state;
  for (auto& x : st.plan.engine.destinations) {
    const auto name = x.name;
    st.destinations[name].plan = std::move(x);
    start_destination(self, name);
  }
  for (auto& x : st.plan.engine.lights) {
    const auto name = x.name;
    st.lights[name].plan = std::move(x);
    start_light(self, name);
  }
  for (auto& x : st.plan.engine.disabled)
    self->send(st.telemetry, x);
}

void dismiss_all(self_ptr self) {
  auto& st = self->state;
  const auto& reason = caf::exit_reason::user_shutdown;
  for (const auto& [address, name] : st.core)
    self->demonitor(address);
  const auto dismiss = [&](const auto& x) {
    if (x)
      self->send_exit(x, reason);
  };
  for (const auto& x : st.listeners) {
    for (const auto& ingest : x.ingests)
      dismiss(ingest);
    for (const auto& parser : x.parsers)
      dismiss(parser);
  }
  for (const auto& [name, x] : st.destinations) {
    dismiss(x.actor);
    dismiss(x.board);
  }
  for (const auto& [name, x] : st.lights) {
    dismiss(x.actor);
  }
  dismiss(st.limiter);
  dismiss(st.sessions);
  dismiss(st.telemetry);
  dismiss(st.journal);
  dismiss(st.writer);
  dismiss(st.reader);
  st.plan.admin.reset();
  self->quit();
}

// All cursors are with the journal, which writes what is left; then everybody
// goes. Requests that are out are repeated after a restart.
void end(self_ptr self) {
  auto& st = self->state;
  if (std::exchange(st.ended, true))
    return;
  for (const auto& [name, x] : st.destinations)
    if (x.actor)
      self->send(x.actor, atoms::stop::value);
  std::vector<light_actor> lamps;
  for (const auto& [name, x] : st.lights)
    if (x.actor)
      lamps.push_back(x.actor);
  ask_all(self, lamps, atoms::stop::value, [self] {
    close_sessions(self, [self] {
      ask_all(self, std::vector{self->state.journal}, atoms::close::value,
              [self] { dismiss_all(self); });
    });
  });
}

// Whether waiting any longer is of use.
bool is_stuck(supervisor_state& st, const ledger& books, mono_time now) {
  std::uint64_t left = 0;
  std::uint64_t out = 0;
  for (const auto& [name, x] : books.destinations) {
    left += x.waiting + x.in_flight;
    out += x.in_flight;
  }
  if (out > 0 || left != st.drain_left) {
    st.drain_left = left;
    st.drain_moved = now;
  }
  return st.plan.store->is_durable() && now - st.drain_moved >= drain_patience;
}

void check_drain(self_ptr self) {
  auto& st = self->state;
  const auto books = st.plan.ledger->picture();
  if (books.at_rest()) {
    spdlog::info("drained: everything accepted is delivered or accounted for");
    end(self);
    return;
  }
  const auto now = self->clock().now();
  if (now >= st.deadline || is_stuck(st, books, now)) {
    for (const auto& [name, x] : books.destinations) {
      const auto left = x.waiting + x.in_flight;
      if (left == 0)
        continue;
      if (st.plan.store->is_durable())
        spdlog::warn("destination '{}' did not take {} event(s) in time; they "
                     "stay in the journal, for the next start",
                     name, left);
      else
        spdlog::error("destination '{}' did not take {} event(s) before the "
                      "deadline; the journal is in memory (journal.store), so "
                      "they are lost",
                      name, left);
    }
    end(self);
    return;
  }
  self->delayed_send(self, drain_check_interval, atoms::tick::value);
}

void drain(self_ptr self, duration patience) {
  auto& st = self->state;
  if (st.plan.state->draining.exchange(true))
    return;
  spdlog::info(
    "draining, {} s at most",
    std::chrono::duration_cast<std::chrono::seconds>(patience).count());
  st.deadline = self->clock().now() + patience;
  st.drain_moved = self->clock().now();
  std::vector<ingest_actor> ingests;
  std::vector<parser_actor> parsers;
  for (const auto& x : st.listeners) {
    ingests.insert(ingests.end(), x.ingests.begin(), x.ingests.end());
    parsers.insert(parsers.end(), x.parsers.begin(), x.parsers.end());
  }
  // Each step starts when the one before it has passed everything on.
  ask_all(self, ingests, atoms::stop::value, [self, parsers] {
    ask_all(self, parsers, atoms::flush::value, [self] {
      ask_all(self, std::vector{self->state.limiter}, atoms::flush::value,
              [self] {
                ask_all(self, std::vector{self->state.journal},
                        atoms::flush::value, [self] { check_drain(self); });
              });
    });
  });
}

// Readable or not: a file that comes back counts as changed.
std::filesystem::file_time_type changed(const std::string& file) {
  std::error_code ignored;
  return std::filesystem::last_write_time(file, ignored);
}

void refresh_apps(self_ptr self) {
  auto& st = self->state;
  const auto& from = st.plan.engine.apps;
  if (from.names_file.empty())
    return;
  self->delayed_send(self, refresh_interval, atoms::refresh::value);
  const auto now = changed(from.names_file);
  if (std::exchange(st.apps_changed, now) == now)
    return;
  auto apps = load_apps(from);
  if (!apps) {
    spdlog::warn("{}; the names read before stay in use", apps.error().what);
    return;
  }
  spdlog::info("apps.names: {} was read again", from.names_file);
  for (const auto& x : st.listeners)
    for (const auto& parser : x.parsers)
      self->send(parser, *apps);
}

void on_down(self_ptr self, const caf::down_msg& x) {
  auto& st = self->state;
  if (st.plan.state->draining || replace_the_ended(self, x)
      || restart_sessions(self, x))
    return;
  const auto i = st.core.find(x.source);
  if (i == st.core.end())
    return;
  spdlog::critical("the engine stops: {} failed: {}", i->second,
                   to_string(x.reason));
  self->quit(caf::make_error(caf::sec::runtime_error, i->second));
}

// Marks them in the store; then their destinations fetch them.
caf::result<std::uint64_t> retry_letters(self_ptr self,
                                         const letter_query& which) {
  auto promise = self->make_response_promise<std::uint64_t>();
  self->request(self->state.journal, caf::infinite, atoms::retry::value, which)
    .then(
      [self, which, promise](std::uint64_t letters) mutable {
        for (const auto& [name, x] : self->state.destinations)
          if (x.actor
              && (which.destination.empty() || which.destination == name))
            self->send(x.actor, atoms::retry::value);
        promise.deliver(letters);
      },
      [promise](const caf::error& why) mutable { promise.deliver(why); });
  return promise;
}

} // namespace

supervisor_actor::behavior_type
supervisor(self_ptr self, const std::shared_ptr<supervisor_plan>& plan) {
  auto& st = self->state;
  st.plan = std::move(*plan);
  st.listeners = std::move(st.plan.listeners);
  self->set_down_handler([self](const caf::down_msg& x) { on_down(self, x); });
  spawn_core(self);
  if (st.plan.admin)
    st.plan.admin->serve(self->system(), supervisor_actor{self}, st.telemetry,
                         st.journal, st.plan.ledger, st.plan.state);
  st.apps_changed = changed(st.plan.engine.apps.names_file);
  refresh_apps(self);
  spawn_readers(self);
  attach_readers(self);
  return {
    [self](atoms::stop, caf::timespan patience) { drain(self, patience); },
    [self](atoms::tick) { check_drain(self); },
    [self](atoms::refresh) { refresh_apps(self); },
    [self](atoms::reload) { return ask_for_reload(self); },
    [self](atoms::attach, const std::string& name) { start_again(self, name); },
    [self](atoms::retry, const letter_query& which) {
      return retry_letters(self, which);
    },
  };
}

} // namespace signalbox
