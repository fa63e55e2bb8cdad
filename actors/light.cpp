#include "actors/light.hpp"

#include "policy/fold.hpp"

#include <caf/send.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>
#include <variant>

namespace signalbox {

namespace {

using self_ptr = light_actor::stateful_pointer<light_state>;

// While events flow, telemetry hears of a lamp at most this often.
constexpr auto report_interval = std::chrono::milliseconds(250);

constexpr std::uint32_t pull_events = 1024;

// How often levels and quiet hours are looked at.
constexpr auto look_interval = std::chrono::seconds(1);

// The same as long as they are not known, and how often at most: then the lamp
// is told what is known.
constexpr auto first_looks = std::chrono::milliseconds(100);
constexpr unsigned most_looks = 20;

light_look look(lights::show what, const lights::color& color,
                double brightness, duration period) {
  return {std::string{to_string(what)}, lights::to_hex(color.mix), brightness,
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
  x.shown = counters.shown;
  x.latency = counters.latency;
  if (x == st.reported)
    return;
  st.reported = x;
  self->send(st.telemetry, std::move(x));
}

void end(self_ptr self);
void pump(self_ptr self);

// One line when it fails, one when it works again. One that fails every now and
// then must not fill the log.
void log_change(self_ptr self, const verdict& x) {
  auto& st = self->state;
  const auto good = x.what == outcome::delivered;
  if (good && std::exchange(st.logged_failing, false)) {
    spdlog::info("lamp '{}' works again", st.plan.name);
  } else if (!good && (!st.logged_failing || x.reason != st.last_error)
             && st.troubles.allows(self->clock().now())) {
    spdlog::warn("lamp '{}' ({}): {}", st.plan.name, st.plan.driver, x.reason);
    st.logged_failing = true;
  }
  st.last_error = good ? std::string{} : x.reason;
}

void done(self_ptr self, const verdict& x) {
  auto& st = self->state;
  st.requests.clear();
  log_change(self, x);
  st.wishes->answered(x, self->clock().now());
  report(self);
  pump(self);
}

// A driver that throws harms its own lamp only.
verdict judge(light_state& st, const delivery_answer& x) try {
  return st.plan.lamp->judge(x, st.plan.wall());
} catch (const std::exception& e) {
  return {outcome::retry,
          fmt::format("its answer is not understood: {}", e.what()),
          {},
          0};
}

// One request after the other, until one fails.
void send_next(self_ptr self) {
  auto& st = self->state;
  if (st.answered == st.requests.size()) {
    done(self, {});
    return;
  }
  auto& request = st.requests[st.answered];
  if (auto* http = std::get_if<http_request>(&request))
    http->sender = reader_name(st); // Its own queue: it waits for nobody else.
  st.wire->carry_out(std::move(request), answer_to(light_actor{self}));
}

void take(self_ptr self, const delivery_answer& answer) {
  const auto x = judge(self->state, answer);
  ++self->state.answered;
  if (x.what == outcome::delivered)
    send_next(self);
  else
    done(self, x);
}

void tell(self_ptr self, const lights::command& x) {
  auto& st = self->state;
  const auto wish = st.wishes->desired(self->clock().now());
  auto look =
    fmt::format("{} {}", to_string(wish.what), lights::to_hex(wish.color.mix));
  // Once for each wish, however often it is switched on and off.
  if (look != st.logged_look)
    spdlog::info("lamp '{}': {}", st.plan.name, look);
  st.logged_look = std::move(look);
  try {
    st.requests = st.plan.lamp->shape(
      x, st.wishes->is_certain() ? &st.wishes->shows() : nullptr);
  } catch (const std::exception& e) {
    done(self,
         {outcome::retry, fmt::format("cannot be told: {}", e.what()), {}, 0});
    return;
  }
  st.answered = 0;
  send_next(self);
}

void end(self_ptr self) {
  for (auto& x : std::exchange(self->state.stop_asked, {}))
    x.deliver(caf::ok_atom::value);
  self->quit();
}

// What the lamp gets to hear last is idle, then the actor ends.
void say_farewell(self_ptr self) {
  auto& st = self->state;
  if (st.wishes->is_in_flight())
    return;
  // Told already, with whatever result: that was the last word.
  const auto said = std::exchange(st.said_farewell, true);
  if (!said && st.knows_levels)
    if (const auto x = st.wishes->farewell(self->clock().now())) {
      tell(self, *x);
      return;
    }
  end(self);
}

void pump(self_ptr self) {
  auto& st = self->state;
  if (st.stopping) {
    say_farewell(self);
    return;
  }
  if (!st.knows_levels)
    return;
  const auto now = self->clock().now();
  if (const auto x = st.wishes->next(now)) {
    // Its answer comes back to here, perhaps at once.
    tell(self, *x);
    return;
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

void hear(light_state& st, const event& x, mono_time now) {
  for (const auto& rule : st.plan.rules.on)
    if (rule.match.holds(x))
      st.wishes->wish(rule.wish, now);
  for (std::size_t i = 0; i < st.minutes.size(); ++i) {
    const auto& level = st.plan.rules.levels[i];
    if (level.of == lights::measure::events_per_minute && level.match.holds(x))
      st.minutes[i].add(now);
  }
}

void wish(self_ptr self, const slice& x) {
  const auto now = self->clock().now();
  for (const auto& [first, batch] : x.batches)
    for (std::size_t i = 0; i < batch->events.size(); ++i)
      if (first + i >= x.from && first + i < x.end)
        hear(self->state, batch->events[i], now);
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

// Of one server, or of all.
std::uint64_t measured_sessions(const lights::level_rule& level,
                                const session_picture& x) {
  const auto users = level.of == lights::measure::active_users;
  if (level.server.empty())
    return users ? x.users.size() : x.connections;
  for (const auto& server : x.servers)
    if (folded(server.name) == level.server)
      return users ? server.users : server.connections;
  return 0;
}

std::uint64_t measured(const lights::level_rule& level,
                       const engine_picture& picture) {
  if (level.of != lights::measure::breaker_open)
    return picture.sessions ? measured_sessions(level, *picture.sessions) : 0;
  const auto is_open = [&](const destination_status& x) {
    return x.breaker != "closed"
           && (level.destination.empty() || level.destination == x.name);
  };
  return static_cast<std::uint64_t>(
    std::ranges::count_if(picture.destinations, is_open));
}

void show_levels(self_ptr self, const engine_picture& picture) {
  auto& st = self->state;
  const auto now = self->clock().now();
  // Who is active may not be known yet at the start.
  st.knows_levels =
    st.knows_levels || picture.sessions || ++st.looks >= most_looks;
  for (std::size_t i = 0; i < st.minutes.size(); ++i) {
    const auto& level = st.plan.rules.levels[i];
    const auto value = level.of == lights::measure::events_per_minute
                         ? st.minutes[i].at(now)
                         : measured(level, picture);
    const auto name = fmt::format("level {}", i);
    if (const auto* effect = level.at(value))
      st.wishes->hold(name, *effect, now);
    else
      st.wishes->release(name);
  }
  pump(self);
  report_soon(self);
}

void keep_quiet_hours(self_ptr self) {
  auto& st = self->state;
  const auto& quiet = st.plan.rules.quiet;
  if (!quiet)
    return;
  std::optional<lights::effect> meanwhile;
  if (quiet->hold_at(lights::local_moment_of(st.plan.wall())))
    meanwhile = quiet->meanwhile();
  st.wishes->cover(meanwhile, self->clock().now());
}

// Whoever has levels or quiet hours looks once a second how things are.
void look_around(self_ptr self) {
  auto& st = self->state;
  if (st.stopping)
    return;
  keep_quiet_hours(self);
  pump(self);
  if (st.plan.rules.levels.empty() && !st.plan.rules.quiet)
    return;
  self->delayed_send(self, st.knows_levels ? look_interval : first_looks,
                     atoms::refresh::value);
  if (st.plan.rules.levels.empty())
    return;
  self->request(st.telemetry, caf::infinite, atoms::status::value)
    .then([self](const engine_picture_ptr& x) { show_levels(self, *x); },
          [](const caf::error&) {
            // Telemetry has ended, and the engine with it.
          });
}

caf::result<caf::ok_atom> stop(self_ptr self) {
  auto& st = self->state;
  auto promise = self->make_response_promise<caf::ok_atom>();
  st.stop_asked.push_back(promise);
  if (!std::exchange(st.stopping, true)) {
    self->delayed_send(self, farewell_patience, atoms::close::value);
    say_farewell(self);
  }
  return promise;
}

} // namespace

light_actor::behavior_type light(self_ptr self, light_plan plan,
                                 journal_actor journal, transport_ptr wire,
                                 telemetry_actor telemetry) {
  auto& st = self->state;
  st.plan = std::move(plan);
  st.wishes = std::make_unique<lights::engine>(st.plan.pace);
  st.minutes.resize(st.plan.rules.levels.size());
  st.knows_levels = st.plan.rules.levels.empty();
  st.journal = std::move(journal);
  st.wire = std::move(wire);
  st.telemetry = std::move(telemetry);
  self->request(st.journal, caf::infinite, atoms::watch::value, reader_name(st))
    .then([self](const position& from) { follow(self, from.where.next); });
  report(self);
  look_around(self);
  return {
    [self](const delivery_answer& x) { take(self, x); },
    [self](atoms::tick) {
      auto& s = self->state;
      if (self->clock().now() < s.next_wake)
        return; // An earlier timer, which a later one has replaced.
      s.next_wake = mono_time::max();
      pump(self);
    },
    [self](atoms::refresh) { look_around(self); },
    [self](atoms::status) {
      self->state.report_set = false;
      report(self);
    },
    [self](atoms::stop) { return stop(self); },
    [self](atoms::close) { end(self); },
  };
}

} // namespace signalbox
