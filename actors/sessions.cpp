#include "actors/sessions.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace signalbox {

namespace {

using namespace std::chrono_literals;

using effect = session_table::effect;
using self_ptr = sessions_actor::stateful_pointer<sessions_state>;

constexpr std::uint32_t pull_events = 1024;

// How late an expiry may be noticed.
constexpr auto sweep_interval = 5s;

// Pictures and snapshots are made at most this often; with many users less
// often, as each costs about a microsecond per user.
duration pause_of(const session_table& x) {
  constexpr std::size_t many = 10'000;
  return 250ms * static_cast<int>(1 + x.places() / many);
}

// Signs of life alone are kept at most this often.
constexpr duration signs_pause = 30s;

void report(self_ptr self) {
  auto& st = self->state;
  st.last_report = self->clock().now();
  self->send(
    st.plan.telemetry,
    session_picture_ptr{std::make_shared<session_picture>(st.table.picture())});
}

// Now, or when the pause is over: the last of many changes counts, too.
void report_soon(self_ptr self) {
  auto& st = self->state;
  const auto due = st.last_report + pause_of(st.table);
  const auto now = self->clock().now();
  if (now >= due && !st.report_set)
    report(self);
  else if (!std::exchange(st.report_set, true))
    self->delayed_send(self, std::max(duration{0}, duration{due - now}),
                       atoms::status::value);
}

void go_on(self_ptr self);

void keep(self_ptr self) {
  auto& st = self->state;
  st.unkept = effect::none;
  st.keeping = true;
  st.last_keep = self->clock().now();
  auto x = std::make_shared<session_snapshot>(st.table.snapshot());
  x->next = st.next;
  const auto done = [self] {
    self->state.keeping = false;
    go_on(self);
  };
  self
    ->request(st.plan.keeper, caf::infinite, atoms::keep::value,
              session_snapshot_ptr{std::move(x)}, st.ended)
    .then([done](caf::ok_atom) { done(); },
          [done](const caf::error&) { done(); });
}

// Has kept what is to be kept, as soon as that may be; then answers whoever
// waits for the end.
void go_on(self_ptr self) {
  auto& st = self->state;
  if (!st.begun || st.keeping)
    return;
  const auto at_the_end = st.end && st.next >= *st.end;
  if (st.plan.keeper && at_the_end && !std::exchange(st.ended, true)) {
    keep(self);
  } else if (at_the_end) {
    if (auto promise = std::exchange(st.closing, std::nullopt))
      promise->deliver(caf::ok_atom::value);
  } else if (st.plan.keeper && st.unkept != effect::none && !st.keep_set) {
    const bool counted = st.unkept == effect::counted;
    const auto due =
      st.last_keep + (counted ? pause_of(st.table) : signs_pause);
    const auto now = self->clock().now();
    if (now >= due) {
      keep(self);
    } else if (counted) {
      st.keep_set = true;
      self->delayed_send(self, duration{due - now}, atoms::keep::value);
    }
    // Signs of life are looked at again with the next sweep.
  }
}

void count(self_ptr self, const slice& x) {
  auto& st = self->state;
  auto most = effect::none;
  for (const auto& [first, batch] : x.batches)
    for (std::size_t i = 0; i < batch->events.size(); ++i)
      if (first + i >= x.from && first + i < x.end)
        most = std::max(most, st.table.apply(batch->events[i]));
  st.next = x.end;
  st.unkept = std::max(st.unkept, most);
  if (most == effect::counted)
    report_soon(self);
  go_on(self);
}

void follow(self_ptr self) {
  auto& st = self->state;
  self
    ->request(st.plan.journal, caf::infinite, atoms::pull::value, st.next,
              pull_events)
    .then(
      [self](const slice_ptr& x) {
        auto& s = self->state;
        count(self, *x);
        self->send(s.plan.journal, atoms::advance::value,
                   std::string{sessions_reader}, reached(x->end));
        follow(self);
      },
      [](const caf::error&) {
        // The journal has ended, and the engine with it.
      });
}

void sweep(self_ptr self) {
  auto& st = self->state;
  if (!st.table.sweep(st.plan.wall()))
    return;
  st.unkept = effect::counted;
  report_soon(self);
}

// Events that a snapshot does not know are counted, as far as the journal still
// has them. A snapshot that is ahead of the journal has counted what a crash
// has cost the journal: its numbers are given to other events now, so it must
// not be found again.
void begin(self_ptr self, const session_snapshot_ptr& former) {
  auto& st = self->state;
  st.next = st.plan.from;
  if (former) {
    st.table.restore(*former);
    st.next = std::min(former->next, st.plan.from);
    if (former->next > st.plan.from)
      st.unkept = effect::counted;
  }
  st.begun = true;
  st.table.sweep(st.plan.wall());
  report(self);
  follow(self);
  go_on(self); // The end may have been asked for meanwhile.
  self->delayed_send(self, sweep_interval, atoms::tick::value);
}

caf::result<caf::ok_atom> close(self_ptr self) {
  auto promise = self->make_response_promise<caf::ok_atom>();
  self->state.closing = promise;
  self->request(self->state.plan.journal, caf::infinite, atoms::status::value)
    .then(
      [self](const journal_status& x) {
        self->state.end = x.next;
        go_on(self);
      },
      [](const caf::error&) {
        // The journal has ended, and the engine with it.
      });
  return promise;
}

} // namespace

sessions_actor::behavior_type sessions(self_ptr self, sessions_plan plan) {
  auto& st = self->state;
  st.plan = std::move(plan);
  st.table = session_table{st.plan.table};
  if (st.plan.keeper) {
    // Either needs the other.
    self->link_to(st.plan.keeper);
    self->request(st.plan.keeper, caf::infinite, atoms::recent::value)
      .then([self](const session_snapshot_ptr& x) { begin(self, x); });
  } else {
    begin(self, nullptr);
  }
  return {
    [self](atoms::tick) {
      sweep(self);
      go_on(self);
      self->delayed_send(self, sweep_interval, atoms::tick::value);
    },
    [self](atoms::status) {
      self->state.report_set = false;
      report(self);
    },
    [self](atoms::keep) {
      self->state.keep_set = false;
      go_on(self);
    },
    [self](atoms::configure, caf::timespan expire) {
      self->state.table.expire_after(expire);
      sweep(self);
      go_on(self);
    },
    [self](atoms::close) { return close(self); },
  };
}

} // namespace signalbox
