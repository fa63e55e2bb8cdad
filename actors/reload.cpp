#include "actors/reload.hpp"

#include "actors/failure_error.hpp"
#include "actors/limiter.hpp"
#include "actors/list_changes.hpp"
#include "actors/staff.hpp"
#include "net/service_manager.hpp"
#include "storage/log_tail.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace signalbox {

namespace {

struct planner_state {
  static inline constexpr const char* name = "planner";
};

// Reads files and compiles patterns: not on a thread of the pool.
planner_actor::behavior_type
planner(planner_actor::stateful_pointer<planner_state> self,
        std::function<planned()> read) {
  return {
    [self, read = std::move(read)](atoms::reload) {
      self->quit();
      return planned_ptr{std::make_shared<planned>(read())};
    },
  };
}

// A listener is its socket: what belongs to that cannot change while it is
// open.
std::string key_of(const listener_plan& x) {
  return fmt::format("{} on {}:{}", x.name, x.socket.host, x.socket.port);
}

bool same_socket(const listener_plan& a, const listener_plan& b) {
  return a.workers == b.workers
         && a.socket.receive_buffer == b.socket.receive_buffer
         && a.socket.max_datagram == b.socket.max_datagram;
}

std::vector<std::string> needs_a_restart(const engine_plan& now,
                                         const engine_plan& then) {
  std::vector<std::string> out;
  if (now.node != then.node)
    out.emplace_back("node.name");
  if (now.data_dir != then.data_dir)
    out.emplace_back("node.data_dir");
  if (now.store != then.store)
    out.emplace_back("journal.store");
  if (now.admin.host != then.admin.host || now.admin.port != then.admin.port
      || now.admin.token.reveal() != then.admin.token.reveal())
    out.emplace_back("admin");
  for (const auto& a : now.listeners)
    for (const auto& b : then.listeners)
      if (key_of(a) == key_of(b) && !same_socket(a, b))
        out.push_back(fmt::format(
          "listen '{}': workers, receive_buffer, max_datagram", a.name));
  return out;
}

/// Of all that have a plan now, or will have.
template <class Running>
std::map<std::string, std::string>
fingerprints_of_running(const std::map<std::string, Running>& xs) {
  std::map<std::string, std::string> out;
  for (const auto& [name, x] : xs)
    if (!x.ending || x.next)
      out.emplace(name, x.next ? x.next->fingerprint : x.plan.fingerprint);
  return out;
}

template <class Plan>
std::map<std::string, std::string>
fingerprints_of(const std::vector<Plan>& xs) {
  std::map<std::string, std::string> out;
  for (const auto& x : xs)
    out.emplace(x.name, x.fingerprint);
  return out;
}

template <class Plan>
Plan& named(std::vector<Plan>& xs, const std::string& name) {
  return *std::ranges::find(xs, name, &Plan::name);
}

std::string change_destinations(supervisor_ptr self, engine_plan& then) {
  auto& st = self->state;
  const auto changes = changes_between(fingerprints_of_running(st.destinations),
                                       fingerprints_of(then.destinations));
  for (const auto& name : changes.removed)
    end_destination(self, name, std::nullopt);
  for (const auto& name : changes.changed)
    end_destination(self, name, std::move(named(then.destinations, name)));
  for (const auto& name : changes.added) {
    auto& plan = named(then.destinations, name);
    if (st.destinations.contains(name)) { // Its former life is not over yet.
      end_destination(self, name, std::move(plan));
      continue;
    }
    st.destinations[name].plan = std::move(plan);
    start_destination(self, name);
  }
  return describe("destinations", changes);
}

std::string change_lights(supervisor_ptr self, engine_plan& then) {
  auto& st = self->state;
  const auto changes = changes_between(fingerprints_of_running(st.lights),
                                       fingerprints_of(then.lights));
  for (const auto& name : changes.removed)
    end_light(self, name, std::nullopt);
  for (const auto& name : changes.changed)
    end_light(self, name, std::move(named(then.lights, name)));
  for (const auto& name : changes.added) {
    auto& plan = named(then.lights, name);
    if (st.lights.contains(name)) {
      end_light(self, name, std::move(plan));
      continue;
    }
    st.lights[name].plan = std::move(plan);
    // It may be one that is told to be idle just now, under another name.
    if (changes.removed.empty())
      start_light(self, name);
    else
      start_later(self, "light:" + name, farewell_patience);
  }
  return describe("lights", changes);
}

/// The sockets of listeners that are new.
result<std::vector<bound_listener>>
bind_new(const std::vector<bound_listener>& now, const engine_plan& then) {
  std::vector<bound_listener> out;
  for (const auto& x : then.listeners) {
    const auto is_open = std::ranges::any_of(
      now, [&](const auto& one) { return key_of(one.plan) == key_of(x); });
    if (is_open)
      continue;
    auto bound = bind_listener(x);
    if (!bound)
      return tl::unexpected{bound.error()};
    out.push_back(std::move(*bound));
  }
  return out;
}

std::string change_listeners(supervisor_ptr self, const engine_plan& then,
                             std::vector<bound_listener> added) {
  auto& st = self->state;
  list_changes changes;
  std::erase_if(st.listeners, [&](bound_listener& x) {
    const auto i = std::ranges::find(then.listeners, key_of(x.plan), key_of);
    if (i == then.listeners.end()) {
      changes.removed.push_back(x.plan.name);
      end_listener(self, x);
      return true;
    }
    if (i->config != x.plan.config) {
      changes.changed.push_back(x.plan.name);
      change_listener(self, x, *i);
    }
    return false;
  });
  for (auto& x : added) {
    changes.added.push_back(x.plan.name);
    spdlog::info("listener '{}' on {}", x.plan.name,
                 x.sockets.front().status.address);
    start_listener(self, st.listeners.emplace_back(std::move(x)));
  }
  return describe("listeners", changes);
}

std::string change_rules(supervisor_ptr self, engine_plan& then) {
  auto& now = self->state.plan.engine;
  if (now.rules_config == then.rules_config)
    return {};
  auto rules = std::make_shared<limiter_plan>();
  rules->rules = std::move(then.rules);
  rules->exclude_names = then.exclude_names;
  rules->limit_names = then.limit_names;
  self->send(self->state.limiter, std::move(rules));
  return "rules at the entrance";
}

std::string change_journal(supervisor_ptr self, const engine_plan& then) {
  if (self->state.plan.engine.journal == then.journal)
    return {};
  self->send(
    self->state.journal, atoms::configure::value,
    log_options_ptr{std::make_shared<storage::log_options>(then.journal)});
  return "journal";
}

std::string change_sessions(supervisor_ptr self, const engine_plan& then) {
  auto& st = self->state;
  if (st.plan.engine.session_expire == then.session_expire)
    return {};
  if (st.sessions) // Else it will learn it when it starts.
    self->send(st.sessions, atoms::configure::value,
               caf::timespan{then.session_expire});
  return "sessions";
}

std::string change_apps(supervisor_ptr self, const engine_plan& then) {
  auto& st = self->state;
  if (st.plan.engine.apps == then.apps)
    return {};
  for (const auto& x : st.listeners)
    for (const auto& parser : x.parsers)
      self->send(parser, then.app_names);
  return "app names";
}

void show_disabled(supervisor_ptr self, const engine_plan& then) {
  auto& st = self->state;
  for (const auto& x : st.plan.engine.disabled)
    if (!st.destinations.contains(x.name))
      self->send(st.telemetry, atoms::detach::value, x.name);
  for (const auto& x : then.disabled)
    self->send(st.telemetry, x);
}

/// All or nothing: sockets are what can fail, so they come first.
result<std::string> apply(supervisor_ptr self, planned& x) {
  auto& st = self->state;
  if (!x.mistakes.empty()) {
    std::vector<std::string> lines;
    for (const auto& one : x.mistakes)
      lines.push_back(to_string(one));
    return fail(errc::bad_config, fmt::format("{}", fmt::join(lines, "\n")));
  }
  auto& then = x.plan;
  auto added = bind_new(st.listeners, then);
  if (!added)
    return tl::unexpected{added.error()};
  std::vector<std::string> changes;
  const auto note = [&](std::string one) {
    if (!one.empty())
      changes.push_back(std::move(one));
  };
  for (const auto& key : needs_a_restart(st.plan.engine, then)) {
    spdlog::warn("reload: {} takes effect after a restart only", key);
    note(key + " (after a restart)");
  }
  note(change_rules(self, then));
  note(change_journal(self, then));
  note(change_sessions(self, then));
  note(change_apps(self, then));
  note(change_listeners(self, then, std::move(*added)));
  note(change_destinations(self, then));
  note(change_lights(self, then));
  show_disabled(self, then);
  // What needs a restart stays as it is, and is told again the next time.
  then.node = st.plan.engine.node;
  then.data_dir = st.plan.engine.data_dir;
  then.store = st.plan.engine.store;
  then.admin = st.plan.engine.admin;
  st.plan.engine = std::move(then);
  if (changes.empty())
    return std::string{"nothing has changed"};
  return fmt::format("{}", fmt::join(changes, "; "));
}

void begin(supervisor_ptr self);

void answer(supervisor_ptr self, const result<std::string>& x) {
  auto& st = self->state;
  net::notify_ready();
  if (x)
    spdlog::info("reloaded: {}", *x);
  else
    for (std::size_t at = 0; at < x.error().what.size();) {
      const auto end =
        std::min(x.error().what.find('\n', at), x.error().what.size());
      spdlog::error("reload refused, nothing changed: {}",
                    x.error().what.substr(at, end - at));
      at = end + 1;
    }
  for (auto& one : std::exchange(st.reload_asked, {}))
    if (x)
      one.deliver(*x);
    else
      one.deliver(to_error(x.error()));
  st.reloading = false;
  if (!st.reload_waiting.empty())
    begin(self);
}

void begin(supervisor_ptr self) {
  auto& st = self->state;
  st.reloading = true;
  net::notify_reloading();
  st.reload_asked = std::exchange(st.reload_waiting, {});
  auto reader = self->spawn<caf::detached>(planner, st.plan.read_again);
  self->request(reader, caf::infinite, atoms::reload::value)
    .then([self](const planned_ptr& x) { answer(self, apply(self, *x)); },
          [self](const caf::error& why) {
            answer(self, fail(errc::bad_config, words_of(why)));
          });
}

} // namespace

caf::result<std::string> ask_for_reload(supervisor_ptr self) {
  auto& st = self->state;
  auto promise = self->make_response_promise<std::string>();
  if (st.plan.state->draining) {
    promise.deliver(to_error({errc::not_available, "the engine is stopping"}));
    return promise;
  }
  st.reload_waiting.push_back(promise);
  if (!st.reloading)
    begin(self);
  return promise;
}

} // namespace signalbox
