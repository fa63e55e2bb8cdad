#include "actors/destination.hpp"

#include "actors/failure_error.hpp"

#include <caf/actor_system.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>
#include <variant>

namespace signalbox {

namespace {

using self_ptr = destination_actor::stateful_pointer<destination_state>;

// While it works, telemetry hears of a destination at most this often.
constexpr auto report_interval = std::chrono::milliseconds(250);

wall_time wall_now() {
  return std::chrono::system_clock::now();
}

// The same for the same events on every attempt.
std::string idempotency_key(const std::string& destination,
                            const delivery::job& x) {
  if (x.told)
    return fmt::format("{}:digest-{}+{}", destination, to_string(x.told->first),
                       x.told->sum.events() - 1);
  const auto first = to_string(x.items.front().what->id);
  if (x.items.size() == 1)
    return fmt::format("{}:{}", destination, first);
  return fmt::format("{}:{}+{}", destination, first, x.items.size() - 1);
}

// A driver that throws harms its own request only.
result<delivery_request> shape(destination_state& st,
                               const delivery::job& x) try {
  const auto key = idempotency_key(st.plan.name, x);
  if (x.told)
    return st.plan.shaper->shape_digest(x.told->sum, key);
  st.events.clear();
  for (const auto& i : x.items)
    st.events.push_back(i.what);
  return st.plan.shaper->shape(st.events, key);
} catch (const std::exception& e) {
  return fail(errc::malformed, fmt::format("cannot be shaped: {}", e.what()));
}

verdict judge(destination_state& st, const delivery_answer& x) try {
  return st.plan.shaper->judge(x, wall_now());
} catch (const std::exception& e) {
  return {outcome::retry,
          fmt::format("its answer is not understood: {}", e.what()),
          {},
          0};
}

// For a line that speaks for others, too.
std::string and_more(std::uint64_t left_out, std::string_view what) {
  if (left_out == 0)
    return {};
  return fmt::format("; {} more {} since the last such line", left_out, what);
}

// One that refuses an event works, and says so. One that fails every now and
// then must not fill the log.
void log_change(self_ptr self, const verdict& v) {
  auto& st = self->state;
  const bool good = v.what == outcome::delivered
                    || v.what == outcome::event_fault
                    || v.what == outcome::too_large;
  if (good && std::exchange(st.logged_failing, false)) {
    spdlog::info("destination '{}' works again", st.plan.name);
  } else if (!good && !st.logged_failing
             && st.troubles.allows(self->clock().now())) {
    spdlog::warn("destination '{}': {}; what is for it waits, the others are "
                 "not affected{}",
                 st.plan.name, v.reason,
                 and_more(st.troubles.left_out(), "failure(s)"));
    st.logged_failing = true;
  }
  st.failing = !good;
}

void log_loss(self_ptr self, const dead_letter& x) {
  auto& st = self->state;
  if (st.losses.allows(self->clock().now(), x.events))
    spdlog::error("destination '{}' gave up {} event(s), {}: {}{} (signalbox "
                  "dead-letters list)",
                  st.plan.name, x.events,
                  x.what ? to_string(x.what->id) : "a digest", x.answer,
                  and_more(st.losses.left_out(), "event(s)"));
}

void log_missed(self_ptr self, std::uint64_t events) {
  auto& st = self->state;
  if (events > 0 && st.misses.allows(self->clock().now(), events))
    spdlog::error("destination '{}' misses {} event(s) that the journal no "
                  "longer has: it was full, or they were too old, damaged, or "
                  "lost in a crash; they count as dropped",
                  st.plan.name, events + st.misses.left_out());
}

// What the log has not said yet.
void log_the_rest(self_ptr self) {
  auto& st = self->state;
  if (const auto events = st.misses.left_out(); events > 0)
    spdlog::error("destination '{}' misses {} more event(s)", st.plan.name,
                  events);
  if (const auto events = st.losses.left_out(); events > 0)
    spdlog::error("destination '{}' gave up {} more event(s) (signalbox "
                  "dead-letters list)",
                  st.plan.name, events);
}

void report(self_ptr self) {
  auto& st = self->state;
  const auto now = self->clock().now();
  st.last_report = now;
  st.told_failing = st.failing;
  destination_status x;
  x.name = st.plan.name;
  x.kind = st.plan.kind;
  x.requests = st.requests;
  x.retries = st.retries;
  if (st.protocol) {
    const auto& p = *st.protocol;
    x.breaker = to_string(p.circuit());
    x.last_error = p.last_error();
    x.rate = p.rate(now);
    if (const auto oldest = p.oldest())
      x.oldest = wall_now() - *oldest;
    if (const auto at = p.wake_at(now); at && st.failing)
      x.retry_in = std::max(duration{0}, duration{*at - now});
    if (p.circuit() != breaker_state::closed)
      x.state = "open";
    else if (st.failing)
      x.state = "retrying";
    else
      x.state = p.idle() ? "idle" : "ok";
  } else {
    x.state = "idle";
    x.breaker = "closed";
  }
  self->send(st.telemetry, std::move(x));
}

// At once when its health changed; otherwise when the interval is over, so
// that the last of many requests counts, too.
void report_soon(self_ptr self) {
  auto& st = self->state;
  const auto due = st.last_report + report_interval;
  const auto now = self->clock().now();
  if (st.failing != st.told_failing || now >= due) {
    report(self);
  } else if (!std::exchange(st.report_set, true)) {
    self->delayed_send(self, duration{due - now}, atoms::status::value);
  }
}

void send(self_ptr self, const delivery::job& x) {
  auto& st = self->state;
  ++st.requests;
  if (x.attempt() > 1)
    ++st.retries;
  auto request = shape(st, x);
  const auto id = x.id;
  if (!request) {
    st.protocol->answered(id,
                          {outcome::event_fault, request.error().what, {}, 0},
                          self->clock().now(), wall_now());
    return;
  }
  if (auto* http = std::get_if<http_request>(&*request))
    http->sender = st.plan.name;
  st.wire->carry_out(std::move(*request),
                     [id, box = st.answers](delivery_answer answer) {
                       box->put(id, std::move(answer));
                     });
}

void send_all(self_ptr self) {
  auto& st = self->state;
  while (!st.stopping) {
    const auto* job = st.protocol->next(self->clock().now(), wall_now());
    if (job == nullptr)
      return;
    send(self, *job);
  }
}

// Sends what can be sent, takes the answers that are there, perhaps because of
// that, and so on until there is nothing more to do now.
void converse(self_ptr self) {
  auto& st = self->state;
  st.answers->will_look();
  send_all(self);
  for (auto come = st.answers->take(); !come.empty();
       come = st.answers->take()) {
    for (const auto& x : come) {
      const auto v = judge(st, x.answer);
      log_change(self, v);
      st.protocol->answered(x.request, v, self->clock().now(), wall_now());
    }
    send_all(self);
  }
}

// The earliest of those asked for counts.
void wake_at(self_ptr self, mono_time at) {
  auto& st = self->state;
  const auto now = self->clock().now();
  if (at >= st.next_wake && st.next_wake > now)
    return;
  st.next_wake = at;
  self->delayed_send(self, std::max(duration{0}, duration{at - now}),
                     atoms::tick::value);
}

void pump(self_ptr self);

void pull(self_ptr self) {
  auto& st = self->state;
  const auto wanted = st.protocol->wanted();
  if (st.pulling || st.stopping || wanted == 0)
    return;
  if (self->clock().now() < st.next_pull) {
    wake_at(self, st.next_pull);
    return;
  }
  st.pulling = true;
  self
    ->request(st.journal, caf::infinite, atoms::pull::value,
              st.protocol->pull_from(), wanted, st.wants)
    .then(
      [self](const slice_ptr& x) {
        auto& s = self->state;
        s.pulling = false;
        // Otherwise it would gather what it has no use for.
        if (s.protocol->take(*x))
          s.next_pull = self->clock().now() + s.plan.gather;
        pump(self);
      },
      [self](const caf::error&) { self->state.pulling = false; });
}

// A page of those that are to be sent again, then the next, until none is
// left.
void fetch_letters(self_ptr self) {
  auto& st = self->state;
  const auto wanted = st.protocol->wanted_letters();
  if (!st.has_letters || st.asking_for_letters || st.stopping || wanted == 0)
    return;
  st.asking_for_letters = true;
  letter_query which;
  which.destination = st.plan.name;
  which.requested_only = true;
  which.after = st.last_letter;
  which.limit = wanted;
  self->request(st.journal, caf::infinite, atoms::letters::value, which)
    .then(
      [self](const letter_page_ptr& x) {
        auto& s = self->state;
        s.asking_for_letters = false;
        // More were asked for meanwhile: those begin from the first one.
        if (!std::exchange(s.letters_anew, false)) {
          s.has_letters = !x->letters.empty();
          s.last_letter = s.has_letters ? x->letters.back().id : 0;
        }
        s.protocol->revive(x->letters);
        pump(self);
      },
      [self](const caf::error& why) {
        auto& s = self->state;
        s.asking_for_letters = false;
        s.has_letters = false;
        spdlog::error("destination '{}': its dead letters cannot be read: {}",
                      s.plan.name, words_of(why));
      });
}

void retry_letters(self_ptr self) {
  auto& st = self->state;
  st.has_letters = true;
  st.last_letter = 0;
  st.letters_anew = st.asking_for_letters;
  if (st.protocol)
    fetch_letters(self);
}

// What was given up because the destination itself was at fault.
void retry_the_unavailable(self_ptr self) {
  letter_query which;
  which.destination = self->state.plan.name;
  which.reason = dead_reason::unavailable;
  self->request(self->state.journal, caf::infinite, atoms::retry::value, which)
    .then(
      [self](std::uint64_t letters) {
        if (letters == 0)
          return;
        spdlog::info("destination '{}' is healed: {} dead letter(s) are sent "
                     "again",
                     self->state.plan.name, letters);
        retry_letters(self);
      },
      [](const caf::error&) {
        // They stay where they are, for a person to retry.
      });
}

// Does everything that can be done now, then sees to it that somebody wakes
// us: an answer, a slice, or the timer.
void pump(self_ptr self) {
  auto& st = self->state;
  if (!st.protocol)
    return;
  converse(self);
  if (const auto moves = st.protocol->settled(); !moves.empty()) {
    st.ledger->settle(st.account, moves);
    log_missed(self, moves.missed);
  }
  if (auto moved = st.protocol->moved()) {
    for (const auto& x : moved->buried)
      log_loss(self, x);
    self->send(st.journal, atoms::advance::value, st.plan.name,
               std::make_shared<progress>(std::move(*moved)));
  }
  if (st.stopping) {
    if (st.protocol->at_rest()) {
      log_the_rest(self);
      self->quit();
    }
    return;
  }
  if (st.protocol->healed())
    retry_the_unavailable(self);
  fetch_letters(self);
  pull(self);
  if (const auto at = st.protocol->wake_at(self->clock().now()))
    wake_at(self, *at);
  report_soon(self);
}

} // namespace

destination_actor::behavior_type
destination(self_ptr self, destination_plan plan, journal_actor journal,
            transport_ptr wire, telemetry_actor telemetry,
            std::shared_ptr<books> ledger) {
  auto& st = self->state;
  st.plan = std::move(plan);
  st.wants = std::make_shared<interest>(st.plan.pace.wants);
  st.journal = std::move(journal);
  st.wire = std::move(wire);
  st.answers = std::make_shared<answer_box>([address = self->address()] {
    if (auto actor = caf::actor_cast<caf::actor>(address))
      caf::anon_send(actor, atoms::answered::value);
  });
  st.telemetry = std::move(telemetry);
  st.ledger = std::move(ledger);
  self
    ->request(st.journal, caf::infinite, atoms::attach::value, st.plan.name,
              st.plan.from_oldest)
    .then([self](const position& from) {
      auto& s = self->state;
      s.account = s.ledger->account(s.plan.name); // Opened by the journal.
      s.ledger->resume(s.account, from.terms);
      s.protocol = std::make_unique<delivery>(s.plan.pace, from);
      report(self);
      // A former life may have left some that were asked for.
      retry_letters(self);
      pump(self);
    });
  return {
    [self](atoms::answered) { pump(self); },
    [self](atoms::tick) {
      if (self->clock().now() < self->state.next_wake)
        return; // An older timer; the one that counts is still to come.
      self->state.next_wake = mono_time::max();
      pump(self);
    },
    [self](atoms::status) {
      self->state.report_set = false;
      report(self);
    },
    [self](atoms::retry) { retry_letters(self); },
    [self](atoms::stop) {
      auto& s = self->state;
      s.stopping = true;
      log_the_rest(self);
      if (s.protocol)
        pump(self);
      else
        self->quit();
    },
  };
}

} // namespace signalbox
