#include "lights/level.hpp"

#include "config/match.hpp"
#include "lights/effect_options.hpp"
#include "policy/fold.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace signalbox::lights {

namespace {

/// Below the priority of events: they show on top of it.
constexpr int default_priority = 10;

void refuse(config::section& table, std::string_view key, const char* why) {
  if (table.has(key))
    table.mistake(key, why);
}

} // namespace

const effect* level_rule::at(std::uint64_t value) const {
  const auto above =
    std::ranges::upper_bound(steps, value, {}, &level_step::from);
  return above == steps.begin() ? nullptr : &std::prev(above)->what;
}

level_rule read_level(config::section& table) {
  level_rule x;
  table.require("of");
  x.of = static_cast<measure>(table.choice(
    "of", 0,
    {"active_users", "connections", "events_per_minute", "breaker_open"}));
  x.server = folded(table.text("server"));
  x.destination = table.text("destination");
  x.match =
    matcher::compile(config::read_match(table, "match")).value_or(matcher{});
  if (x.of != measure::active_users && x.of != measure::connections)
    refuse(table, "server", "is for active_users and connections");
  if (x.of != measure::breaker_open)
    refuse(table, "destination", "is for breaker_open");
  if (x.of != measure::events_per_minute)
    refuse(table, "match", "is for events_per_minute");
  const auto priority = read_priority(table, default_priority);
  for (auto& step : table.tables("steps")) {
    level_step made;
    made.from = static_cast<std::uint64_t>(
      step.integer("from", 1, 0, std::numeric_limits<std::int64_t>::max()));
    made.what = read_effect(step);
    made.what.priority = priority;
    x.steps.push_back(made);
  }
  if (x.steps.empty())
    table.mistake("steps", "required: what is shown from which value on, for "
                           "example [{ from = 1, color = \"green\" }, "
                           "{ from = 20, color = \"amber\" }]");
  std::ranges::stable_sort(x.steps, {}, &level_step::from);
  return x;
}

void minute_count::add(mono_time now) {
  turn(now);
  ++seconds_.at(static_cast<std::size_t>(newest_) % seconds_.size());
  ++sum_;
}

std::uint64_t minute_count::at(mono_time now) {
  turn(now);
  return sum_;
}

void minute_count::turn(mono_time now) {
  const auto second =
    std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch())
      .count();
  const auto steps = std::min<std::int64_t>(second - newest_, 60);
  for (std::int64_t i = 0; i < steps; ++i) {
    auto& slot =
      seconds_.at(static_cast<std::size_t>(second - i) % seconds_.size());
    sum_ -= std::exchange(slot, 0);
  }
  newest_ = std::max(newest_, second);
}

} // namespace signalbox::lights
