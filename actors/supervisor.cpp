#include "actors/supervisor.hpp"

#include "actors/destination.hpp"
#include "actors/journal.hpp"
#include "actors/light.hpp"
#include "actors/limiter.hpp"
#include "actors/telemetry.hpp"
#include "actors/transports.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace signalbox {

namespace {

using self_ptr = supervisor_actor::stateful_pointer<supervisor_state>;

constexpr std::string_view light_prefix = "light ";
constexpr auto refresh_interval = std::chrono::seconds(2);
constexpr auto drain_check_interval = std::chrono::milliseconds(20);

template <class Handle>
Handle watch(self_ptr self, Handle x, std::string name) {
  self->monitor(x);
  self->state.watched.emplace(x.address(), std::move(name));
  return x;
}

transport_actor spawn_transport(self_ptr self, const destination_plan& x,
                                const transport_actor& http) {
  auto choice = x.shaper->open_transport();
  if (auto* options = std::get_if<net::mqtt_options>(&choice)) {
    auto client = net::mqtt_client::start(std::move(*options));
    if (client)
      return self->spawn(mqtt_client, std::move(*client));
    spdlog::error("destination '{}': {}", x.name, client.error().what);
    return {};
  }
  if (auto* lines = std::get_if<std::unique_ptr<line_writer>>(&choice))
    return self->spawn<caf::detached>(
      writer, std::shared_ptr<line_writer>{std::move(*lines)});
  return http;
}

void spawn_readers(self_ptr self, const transport_actor& http) {
  auto& st = self->state;
  for (auto& x : st.plan.engine.destinations) {
    auto transport = spawn_transport(self, x, http);
    if (!transport) {
      self->quit(caf::make_error(caf::sec::runtime_error, x.name));
      return;
    }
    st.transports.push_back(watch(self, transport, "transport of " + x.name));
    st.destinations.push_back(
      watch(self,
            self->spawn(destination, x, st.journal, transport, st.telemetry,
                        st.plan.ledger),
            "destination " + x.name));
  }
  for (auto& x : st.plan.engine.lights)
    st.lights.push_back(watch(self,
                              self->spawn(light, x, st.journal, st.telemetry),
                              std::string{light_prefix} + x.name));
  for (auto& x : st.plan.engine.disabled)
    self->send(st.telemetry, x);
}

void spawn_listeners(self_ptr self) {
  auto& st = self->state;
  for (auto& x : st.plan.listeners) {
    for (auto& socket : x.sockets) {
      auto plan = x.parser;
      plan.ids =
        id_source{st.plan.engine.node, std::chrono::system_clock::now(),
                  static_cast<std::uint8_t>(st.parsers.size())};
      const auto& name = socket.status.name;
      st.parsers.push_back(watch(
        self, self->spawn(parser, std::move(plan), st.limiter, st.plan.ledger),
        "parser of " + name));
      st.ingests.push_back(
        watch(self,
              self->spawn<caf::detached>(ingest, socket, st.parsers.back(),
                                         st.telemetry, st.plan.ledger),
              "ingest of " + name));
    }
  }
  st.plan.state->ready = true;
  spdlog::info("ready");
}

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

// The readers become known to the journal before the first datagram is read,
// so that none of them misses an event.
void attach_readers(self_ptr self) {
  auto& st = self->state;
  st.unanswered = st.plan.engine.destinations.size();
  if (st.unanswered == 0) {
    spawn_listeners(self);
    return;
  }
  for (const auto& x : st.plan.engine.destinations)
    self->request(st.journal, caf::infinite, atoms::attach::value, x.name)
      .then([self](const cursor&) {
        if (--self->state.unanswered == 0)
          spawn_listeners(self);
      });
}

void end(self_ptr self) {
  auto& st = self->state;
  for (const auto& x : st.destinations)
    self->send(x, atoms::stop::value);
  for (const auto& x : st.lights)
    self->send(x, atoms::stop::value);
  for (const auto& [address, name] : st.watched)
    self->demonitor(address);
  const auto& reason = caf::exit_reason::user_shutdown;
  for (const auto& x : st.ingests)
    self->send_exit(x, reason);
  for (const auto& x : st.parsers)
    self->send_exit(x, reason);
  for (const auto& x : st.transports)
    self->send_exit(x, reason);
  self->send_exit(st.limiter, reason);
  self->send_exit(st.telemetry, reason);
  self->send_exit(st.journal, reason);
  st.plan.admin.reset();
  self->quit();
}

void check_drain(self_ptr self) {
  auto& st = self->state;
  const auto books = st.plan.ledger->picture();
  if (books.at_rest()) {
    spdlog::info("drained: everything accepted is delivered or accounted for");
    end(self);
    return;
  }
  if (self->clock().now() >= st.deadline) {
    for (const auto& [name, x] : books.destinations)
      if (x.waiting + x.in_flight > 0)
        spdlog::error("destination '{}' did not take {} event(s) before the "
                      "deadline; this version keeps its journal in memory, so "
                      "they are lost",
                      name, x.waiting + x.in_flight);
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
  // Each step starts when the one before it has passed everything on.
  ask_all(self, st.ingests, atoms::stop::value, [self] {
    auto& s = self->state;
    ask_all(self, s.parsers, atoms::flush::value, [self] {
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
  for (const auto& x : st.parsers)
    self->send(x, *apps);
}

void on_down(self_ptr self, const caf::down_msg& x) {
  auto& st = self->state;
  const auto i = st.watched.find(x.source);
  if (i == st.watched.end() || st.plan.state->draining)
    return;
  if (i->second.starts_with(light_prefix)) {
    spdlog::error("{} failed: {}; the engine goes on without it", i->second,
                  to_string(x.reason));
    return;
  }
  spdlog::critical("the engine stops: {} failed: {}", i->second,
                   to_string(x.reason));
  self->quit(caf::make_error(caf::sec::runtime_error, i->second));
}

std::string address_of(const net::udp_options& x) {
  if (x.host.find(':') == std::string::npos)
    return fmt::format("{}:{}", x.host, x.port);
  return fmt::format("[{}]:{}", x.host, x.port);
}

} // namespace

result<std::vector<bound_listener>> bind_listeners(const engine_plan& plan) {
  std::vector<bound_listener> out;
  for (const auto& x : plan.listeners) {
    bound_listener bound{
      {},
      {x.name, x.formats, x.allow,
       id_source{plan.node, std::chrono::system_clock::now(), 0}}};
    auto options = x.socket;
    for (unsigned worker = 0; worker < x.workers; ++worker) {
      auto socket = net::udp_socket::bind(options);
      if (!socket)
        return tl::unexpected{socket.error()};
      options.port = socket->port(); // With port 0 all workers share one.
      ingest_plan one;
      one.status.name = x.name;
      one.status.address = address_of(options);
      one.status.receive_buffer = socket->receive_buffer();
      one.status.asked_buffer = options.receive_buffer;
      one.socket = std::make_shared<net::udp_socket>(std::move(*socket));
      bound.sockets.push_back(std::move(one));
    }
    out.push_back(std::move(bound));
  }
  return out;
}

supervisor_actor::behavior_type
supervisor(self_ptr self, const std::shared_ptr<supervisor_plan>& plan) {
  auto& st = self->state;
  st.plan = std::move(*plan);
  auto& engine = st.plan.engine;
  self->set_down_handler([self](const caf::down_msg& x) { on_down(self, x); });
  st.plan.ledger->name_rules(engine.exclude_names, engine.limit_names);
  st.journal =
    watch(self, self->spawn(journal, std::move(engine.store), st.plan.ledger),
          "journal");
  st.telemetry = watch(self, self->spawn(telemetry, st.journal), "telemetry");
  st.limiter = watch(
    self,
    self->spawn(limiter, std::move(engine.rules), st.journal, st.plan.ledger),
    "limiter");
  auto http = watch(
    self,
    self->spawn(http_client,
                std::make_unique<net::http_client>(net::http_client::options{
                  6, "signalbox/" SIGNALBOX_VERSION})),
    "http_client");
  st.transports.push_back(http);
  if (st.plan.admin)
    st.plan.admin->serve(self->system(), st.telemetry, st.plan.ledger,
                         st.plan.state);
  st.apps_changed = changed(engine.apps.names_file);
  refresh_apps(self);
  spawn_readers(self, http);
  attach_readers(self);
  return {
    [self](atoms::stop, caf::timespan patience) { drain(self, patience); },
    [self](atoms::tick) { check_drain(self); },
    [self](atoms::refresh) { refresh_apps(self); },
  };
}

} // namespace signalbox
