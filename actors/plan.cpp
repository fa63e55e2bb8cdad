#include "actors/plan.hpp"

#include "config/suggest.hpp"
#include "destinations/registry.hpp"
#include "lights/driver.hpp"
#include "storage/memory/memory_store.hpp"
#include "storage/sqlite/sqlite_store.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <utility>

namespace signalbox {

namespace {

// Debian's uap-core; also where others install it.
constexpr auto user_agent_rules_file = "/usr/share/uap-core/regexes.yaml";

std::shared_ptr<const user_agent_rules> load_user_agents() {
  auto rules = user_agent_rules::load(user_agent_rules_file);
  if (rules)
    return *rules;
  spdlog::warn("user agents are not told apart: {} (package uap-core)",
               rules.error().what);
  return nullptr;
}

listener_plan plan_listener(const config::listen_config& x,
                            std::shared_ptr<const user_agent_rules> user_agents,
                            std::shared_ptr<const app_names> apps,
                            std::vector<config::diagnostic>& mistakes) {
  listener_plan out;
  out.config = x;
  out.name = x.name;
  out.socket = {x.host, x.port, x.receive_buffer, x.max_datagram,
                x.workers > 1};
  out.workers = x.workers;
  out.formats = {x.format, x.encoding, std::move(user_agents), std::move(apps)};
  if (x.allow) {
    out.allow.emplace();
    for (const auto& text : *x.allow)
      if (auto block = net::cidr::parse(text))
        out.allow->push_back(*block);
      else
        mistakes.push_back(
          {{},
           0,
           0,
           fmt::format("listen '{}': allow: {}", x.name, block.error().what)});
  }
  return out;
}

delivery::options pace_of(const config::destination_config& x,
                          const destination_traits& kind) {
  delivery::options out;
  // Bad patterns are reported by the config room.
  if (auto match = matcher::compile(x.match))
    out.wants.match = std::move(*match);
  if (x.except)
    if (auto except = matcher::compile(*x.except))
      out.wants.except = std::move(*except);
  out.excess = x.excess ? static_cast<excess_policy>(*x.excess) : kind.excess;
  out.batch = kind.batch;
  out.concurrency = x.concurrency;
  out.expire = x.expire;
  out.attempts = x.retry.attempts;
  out.retry_initial = x.retry.initial;
  out.retry_max = x.retry.max;
  out.seed = std::random_device{}();
  return out;
}

void plan_destination(engine_plan& plan, const config::destination_config& x) {
  auto options = x.options;
  std::shared_ptr<driver> shaper = make_driver(x.kind, options);
  if (!x.enabled) {
    destination_status off;
    off.name = x.name;
    off.kind = x.kind;
    off.state = "disabled";
    off.breaker = "closed";
    plan.disabled.push_back(std::move(off));
    return;
  }
  if (!shaper)
    return; // The driver has said why.
  destination_plan out;
  out.name = x.name;
  out.kind = x.kind;
  const auto kind = shaper->traits();
  out.pace = pace_of(x, kind);
  out.rate = x.rate.value_or(kind.rate);
  out.burst = x.burst.value_or(kind.burst);
  out.gather = kind.gather;
  out.from_oldest = x.from_oldest;
  out.shaper = std::move(shaper);
  out.fingerprint = options.fingerprint();
  plan.destinations.push_back(std::move(out));
}

// A level of a destination that is not there would never change.
void check_levels(config::section& light,
                  const std::vector<config::destination_config>& all) {
  std::vector<std::string_view> names;
  names.reserve(all.size());
  for (const auto& x : all)
    names.push_back(x.name);
  for (auto& level : light.tables("level")) {
    const auto name = level.text("destination");
    if (!name.empty() && std::ranges::find(names, name) == names.end())
      level.mistake("destination",
                    fmt::format("there is no destination '{}'{}", name,
                                config::did_you_mean(name, names)));
  }
}

void plan_light(engine_plan& plan, const config::light_config& x,
                const std::vector<config::destination_config>& destinations) {
  auto options = x.options;
  light_plan out;
  out.name = x.name;
  out.driver = x.driver;
  out.lamp = lights::make_driver(x.driver, options);
  out.rules = lights::read_light_rules(options);
  check_levels(options, destinations);
  if (!out.lamp)
    return; // The driver has said why.
  const auto can = out.lamp->can();
  out.pace.idle = out.rules.idle;
  out.pace.max_rate = x.max_rate.value_or(can.max_rate);
  // A rate of the user's own is meant for any second.
  out.pace.burst = x.max_rate ? 1 : can.burst;
  out.pace.blinks = can.blinks;
  out.pace.pulses = can.pulses;
  out.pace.reassert = can.reassert;
  out.pace.seed = std::random_device{}();
  out.fingerprint = options.fingerprint();
  plan.lights.push_back(std::move(out));
}

template <class T>
std::vector<std::string> names_of(const std::vector<T>& rules) {
  std::vector<std::string> out;
  out.reserve(rules.size());
  for (const auto& x : rules)
    out.push_back(x.name);
  return out;
}

storage::log_options log_options_of(const config::journal_config& x) {
  storage::log_options out;
  out.linger = x.linger;
  out.max_memory = x.max_memory;
  out.max_bytes = x.max_bytes;
  if (x.store == config::store_kind::memory)
    out.max_memory = std::min(x.max_bytes, x.max_memory);
  out.max_age = x.max_age;
  out.full = x.full == config::when_full::drop_newest
               ? storage::when_full::drop_newest
               : storage::when_full::drop_oldest;
  return out;
}

} // namespace

result<std::shared_ptr<const app_names>>
load_apps(const config::apps_config& from) {
  auto apps = std::make_shared<app_names>();
  if (!from.names_file.empty()) {
    std::ifstream file{from.names_file};
    std::stringstream text;
    text << file.rdbuf();
    if (!file)
      return fail(errc::file,
                  fmt::format("apps.names: cannot read {}", from.names_file));
    if (auto added = apps->add_csv(text.str()); !added)
      return fail(
        errc::malformed,
        fmt::format("apps.names: {}: {}", from.names_file, added.error().what));
  }
  for (const auto& [id, name] : from.table)
    apps->add(id, name);
  if (apps->size() == 0)
    return nullptr;
  return apps;
}

result<storage::store_ptr> open_store(const engine_plan& plan) {
  if (plan.store == config::store_kind::memory)
    return std::make_unique<storage::memory_store>();
  storage::sqlite_store::options options;
  options.directory = plan.data_dir;
  auto store = storage::sqlite_store::open(options);
  if (!store)
    return tl::unexpected{store.error()};
  return std::move(*store);
}

planned make_plan(config::document& document,
                  std::shared_ptr<const user_agent_rules> user_agents) {
  planned out;
  const auto& settings = document.settings();
  auto& plan = out.plan;
  plan.node = settings.node.name;
  plan.data_dir = settings.node.data_dir;
  plan.store = settings.journal.store;
  plan.journal = log_options_of(settings.journal);
  plan.session_expire = settings.sessions.expire;
  plan.admin = settings.admin;
  plan.log = settings.log;
  plan.user_agents = user_agents ? std::move(user_agents) : load_user_agents();
  plan.apps = settings.apps;
  const auto apps = load_apps(settings.apps);
  if (!apps)
    out.mistakes.push_back({settings.apps.names_file, 0, 0, apps.error().what});
  plan.app_names = apps.value_or(nullptr);
  for (const auto& x : settings.listen)
    plan.listeners.push_back(
      plan_listener(x, plan.user_agents, plan.app_names, out.mistakes));
  if (auto rules = admission::make(settings.admission))
    plan.rules = std::make_unique<admission>(std::move(*rules));
  plan.rules_config = settings.admission;
  plan.exclude_names = names_of(settings.admission.excludes);
  plan.limit_names = names_of(settings.admission.limits);
  for (const auto& x : settings.destinations)
    plan_destination(plan, x);
  for (const auto& x : settings.lights)
    plan_light(plan, x, settings.destinations);
  auto found = document.finish();
  out.mistakes.insert(out.mistakes.begin(),
                      std::make_move_iterator(found.begin()),
                      std::make_move_iterator(found.end()));
  return out;
}

} // namespace signalbox
