#include "actors/light.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace signalbox {

namespace {

using self_ptr = light_actor::stateful_pointer<light_state>;

// While events flow, telemetry hears of a lamp at most this often.
constexpr auto report_interval = std::chrono::milliseconds(250);

constexpr std::uint32_t pull_events = 1024;

light_look look(lights::show what, lights::rgb color, double brightness,
                duration period) {
  return {std::string{to_string(what)}, lights::to_hex(color), brightness,
          period};
}

// No destination can be called so.
std::string reader_name(const light_state& st) {
  return "light:" + st.plan.name;
}

void report(self_ptr self) {
  auto& st = self->state;
  st.last_report = self->clock().now();
  const auto wish = st.wishes->desired(self->clock().now());
  const auto& shows = st.wishes->shows();
  const auto& counters = st.wishes->counters();
  light_status x;
  x.name = st.plan.name;
  x.driver = st.plan.driver;
  x.wish = look(wish.what, wish.color, wish.brightness, wish.period);
  x.wish_lasts = wish.lasts.value_or(duration{0});
  x.wish_priority = wish.priority;
  x.shows = look(shows.what, shows.color, shows.brightness, shows.period);
  x.state = to_string(st.wishes->state());
  x.last_error = st.last_error;
  x.events = counters.events;
  x.commands = counters.commands;
  x.coalesced = counters.coalesced;
  x.errors = counters.errors;
  self->send(st.telemetry, std::move(x));
}

void pump(self_ptr self) {
  auto& st = self->state;
  const auto now = self->clock().now();
  if (const auto x = st.wishes->next(now)) {
    if (*x != st.wishes->shows())
      spdlog::info("lamp '{}': {} {}", st.plan.name, to_string(x->what),
                   lights::to_hex(x->color));
    st.plan.lamp->apply(*x, [back = self->address()](std::string error) {
      if (auto hdl = caf::actor_cast<caf::actor>(back))
        caf::anon_send(hdl, atoms::status::value, std::move(error));
    });
  }
  const auto at = st.wishes->wake_at(now);
  if (!at || (*at >= st.next_wake && st.next_wake > now))
    return;
  st.next_wake = *at;
  self->delayed_send(self, std::max(duration{0}, duration{*at - now}),
                     atoms::tick::value);
}

// Now, or when the interval is over: the last of many events counts, too.
void report_soon(self_ptr self) {
  auto& st = self->state;
  const auto due = st.last_report + report_interval;
  const auto now = self->clock().now();
  if (now >= due) {
    report(self);
  } else if (!std::exchange(st.report_set, true)) {
    self->delayed_send(self, duration{due - now}, atoms::status::value);
  }
}

void wish(self_ptr self, const slice& x) {
  auto& st = self->state;
  const auto now = self->clock().now();
  for (const auto& [first, batch] : x.batches)
    for (std::size_t i = 0; i < batch->events.size(); ++i) {
      if (first + i < x.from || first + i >= x.end)
        continue;
      for (const auto& rule : st.plan.rules.on)
        if (rule.match.holds(batch->events[i]))
          st.wishes->wish(rule.wish, now);
    }
}

void follow(self_ptr self, sequence from) {
  self
    ->request(self->state.journal, caf::infinite, atoms::pull::value, from,
              pull_events)
    .then(
      [self](const slice_ptr& x) {
        wish(self, *x);
        pump(self);
        report_soon(self);
        self->send(self->state.journal, atoms::advance::value,
                   reader_name(self->state), reached(x->end));
        follow(self, x->end);
      },
      [](const caf::error&) {
        // The journal has ended, and the engine with it.
      });
}

void done(self_ptr self, const std::string& error) {
  auto& st = self->state;
  if (!error.empty() && st.last_error.empty())
    spdlog::warn("lamp '{}': {}", st.plan.name, error);
  else if (error.empty() && !st.last_error.empty())
    spdlog::info("lamp '{}' works again", st.plan.name);
  st.last_error = error;
  st.wishes->command_done(error.empty(), self->clock().now());
  report(self);
  pump(self);
}

} // namespace

light_actor::behavior_type light(self_ptr self, light_plan plan,
                                 journal_actor journal,
                                 telemetry_actor telemetry) {
  auto& st = self->state;
  st.plan = std::move(plan);
  st.wishes = std::make_unique<lights::engine>(st.plan.pace);
  st.journal = std::move(journal);
  st.telemetry = std::move(telemetry);
  self->request(st.journal, caf::infinite, atoms::watch::value, reader_name(st))
    .then([self](const position& from) { follow(self, from.where.next); });
  report(self);
  pump(self);
  return {
    [self](atoms::tick) {
      self->state.next_wake = mono_time::max();
      pump(self);
    },
    [self](atoms::status, const std::string& error) { done(self, error); },
    [self](atoms::status) {
      self->state.report_set = false;
      report(self);
    },
    [self](atoms::stop) {
      self->state.wishes->rest();
      pump(self);
      self->quit();
    },
  };
}

} // namespace signalbox
