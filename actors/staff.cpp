#include "actors/staff.hpp"

#include "actors/destination.hpp"
#include "actors/light.hpp"
#include "actors/session_staff.hpp"
#include "actors/sessions.hpp"
#include "actors/transports.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>

namespace signalbox {

namespace {

// Before a lamp that could not be started at all is tried again.
constexpr auto lamp_pause = std::chrono::seconds(30);

// Before a lamp's name, so that no destination can be called so.
constexpr std::string_view light_prefix = "light:";

// Lanes tell event ids of one moment apart.
parser_plan parser_plan_of(const listener_plan& x, const std::string& node,
                           unsigned lane) {
  constexpr unsigned lanes = 64;
  return {x.name, x.formats, x.allow,
          id_source{node, std::chrono::system_clock::now(),
                    static_cast<std::uint8_t>(lane % lanes)}};
}

// Its entry may go: the name is a copy.
void on_end(supervisor_ptr self, std::string name, running_destination& x,
            const caf::error& why) {
  auto& st = self->state;
  x.actor = nullptr;
  if (x.ending && !x.next) {
    self->send(st.journal, atoms::detach::value, name);
    self->send(st.telemetry, atoms::detach::value, name);
    st.destinations.erase(name);
    return;
  }
  if (x.ending) {
    x.plan = std::move(*std::exchange(x.next, std::nullopt));
    start_destination(self, name);
    return;
  }
  spdlog::error("destination '{}' failed: {}; it goes on from its place in the "
                "journal in a moment",
                name, to_string(why));
  start_later(self, name);
}

void on_end(supervisor_ptr self, std::string name, running_light& x,
            const caf::error& why) {
  auto& st = self->state;
  x.actor = nullptr;
  const auto known_as = std::string{light_prefix} + name;
  self->send(st.journal, atoms::detach::value, known_as);
  if (x.ending && x.next) {
    x.plan = std::move(*std::exchange(x.next, std::nullopt));
    start_light(self, name);
    return;
  }
  if (!x.ending) {
    spdlog::error("lamp '{}' failed: {}; it starts again in a moment", name,
                  to_string(why));
    start_later(self, known_as);
    return;
  }
  self->send(st.telemetry, atoms::detach::value, known_as);
  st.lights.erase(name);
}

// A transport may take two seconds for its goodbye, or to give up on a device
// that hangs. Actors must not block: it has them on a thread of its own, and
// the engine does not end before that.
void let_go(caf::event_based_actor*, const std::shared_ptr<transport_ptr>& x) {
  x->reset();
}

template <class Running>
bool replace_one(supervisor_ptr self, std::map<std::string, Running>& all,
                 const caf::down_msg& x) {
  const auto i = std::ranges::find_if(all, [&](const auto& one) {
    return one.second.actor && one.second.actor.address() == x.source;
  });
  if (i == all.end())
    return false;
  on_end(self, i->first, i->second, x.reason);
  return true;
}

} // namespace

transport_ptr open_transport(supervisor_ptr self, const std::string& whose,
                             transport_choice choice) {
  auto made = open_transport(std::move(choice), self->state.http);
  if (!made) {
    spdlog::error("{}: {}", whose, made.error().what);
    return nullptr;
  }
  if (*made == self->state.http)
    return std::move(*made);
  auto* wire = made->get();
  return {wire,
          [sys = &self->system(), last = std::move(*made)](auto*) mutable {
            sys->spawn<caf::detached>(
              let_go, std::make_shared<transport_ptr>(std::move(last)));
          }};
}

void start_destination(supervisor_ptr self, const std::string& name) {
  auto& st = self->state;
  const auto i = st.destinations.find(name);
  if (i == st.destinations.end())
    return;
  auto& x = i->second;
  if (x.ending && x.actor)
    return; // It starts again once it has ended.
  // What has no transport has said why; perhaps it is better off later.
  if (!start_session_board(self, x))
    start_later(self, name);
  if (x.actor)
    return;
  x.ending = false;
  auto wire = open_transport(self, "destination '" + name + "'",
                             x.plan.shaper->open_transport());
  if (!wire) {
    start_later(self, name);
    return;
  }
  auto plan = x.plan;
  // Whoever still holds this account's pace keeps it; else it is a fresh one.
  plan.pace.limit =
    st.limits.find(plan.shaper->account(), plan.rate, plan.burst);
  x.actor = self->spawn(destination, std::move(plan), st.journal,
                        std::move(wire), st.telemetry, st.plan.ledger);
  self->monitor(x.actor);
}

void end_destination(supervisor_ptr self, const std::string& name,
                     std::optional<destination_plan> next) {
  auto& x = self->state.destinations.at(name);
  x.next = std::move(next);
  x.ending = true;
  // At once, so that it does not show what comes after the reload.
  end_session_board(self, x);
  if (x.actor)
    self->send(x.actor, atoms::stop::value);
  else
    // It waits to be started again: as what it becomes, or not at all.
    on_end(self, name, x, {});
}

void start_light(supervisor_ptr self, const std::string& name) {
  auto& st = self->state;
  const auto i = st.lights.find(name);
  if (i == st.lights.end() || i->second.actor)
    return;
  auto& x = i->second;
  x.ending = false;
  auto wire =
    open_transport(self, "lamp '" + name + "'", x.plan.lamp->open_transport());
  if (!wire) {
    // It has said why, and does so at each attempt.
    light_status off;
    off.name = name;
    off.driver = x.plan.driver;
    off.state = to_string(lights::health::misconfigured);
    off.last_error = "it cannot be started; the log says why";
    self->send(st.telemetry, std::move(off));
    start_later(self, std::string{light_prefix} + name, lamp_pause);
    return;
  }
  auto plan = x.plan;
  if (const auto box = plan.lamp->hangs_on(); !box.account.empty())
    plan.pace.bridge =
      st.limits.find("bridge " + box.account, box.max_rate, box.burst);
  x.actor = self->spawn(light, std::move(plan), st.journal, std::move(wire),
                        st.telemetry);
  self->monitor(x.actor);
}

void end_light(supervisor_ptr self, const std::string& name,
               std::optional<light_plan> next) {
  auto& x = self->state.lights.at(name);
  x.next = std::move(next);
  x.ending = true;
  if (x.actor)
    self->request(x.actor, caf::infinite, atoms::stop::value)
      .then(
        [](caf::ok_atom) {
          // Its end is heard of by on_end.
        },
        [](const caf::error&) {
          // So is its failure.
        });
  else
    // It waits to be started again: as what it becomes, or not at all.
    on_end(self, name, x, {});
}

void start_later(supervisor_ptr self, const std::string& name, duration pause) {
  if (self->state.restarts.insert(name).second)
    self->delayed_send(self, pause, atoms::attach::value, name);
}

void start_again(supervisor_ptr self, const std::string& name) {
  self->state.restarts.erase(name);
  if (name == sessions_reader)
    start_sessions(self, [] {});
  else if (name.starts_with(light_prefix))
    start_light(self, name.substr(light_prefix.size()));
  else
    start_destination(self, name);
}

void start_listener(supervisor_ptr self, bound_listener& x) {
  auto& st = self->state;
  for (auto& socket : x.sockets) {
    x.parsers.push_back(watch_core(
      self,
      self->spawn(parser,
                  parser_plan_of(x.plan, st.plan.engine.node, st.next_lane++),
                  st.limiter, st.plan.ledger),
      "parser of " + x.plan.name));
    x.ingests.push_back(
      watch_core(self,
                 self->spawn<caf::detached>(ingest, socket, x.parsers.back(),
                                            st.telemetry, st.plan.ledger),
                 "ingest of " + x.plan.name));
  }
}

void end_listener(supervisor_ptr self, const bound_listener& x) {
  auto& st = self->state;
  for (std::size_t i = 0; i < x.ingests.size(); ++i) {
    const auto& parser = x.parsers[i];
    for (const auto& address : {x.ingests[i].address(), parser.address()}) {
      self->demonitor(address);
      st.core.erase(address);
    }
    const auto flush = [self, parser] {
      const auto dismiss = [self, parser] {
        self->send_exit(parser, caf::exit_reason::user_shutdown);
      };
      self->request(parser, caf::infinite, atoms::flush::value)
        .then([dismiss](caf::ok_atom) { dismiss(); },
              [dismiss](const caf::error&) { dismiss(); });
    };
    self->request(x.ingests[i], caf::infinite, atoms::stop::value)
      .then([flush](caf::ok_atom) { flush(); },
            [flush](const caf::error&) { flush(); });
  }
  self->send(st.telemetry, atoms::detach::value, x.plan.name);
}

void change_listener(supervisor_ptr self, bound_listener& x,
                     const listener_plan& plan) {
  auto& st = self->state;
  x.plan = plan;
  for (const auto& parser : x.parsers)
    self->send(parser,
               parser_plan_ptr{std::make_shared<parser_plan>(
                 parser_plan_of(plan, st.plan.engine.node, st.next_lane++))});
}

bool replace_the_ended(supervisor_ptr self, const caf::down_msg& x) {
  auto& st = self->state;
  return replace_one(self, st.destinations, x)
         || replace_one(self, st.lights, x);
}

} // namespace signalbox
