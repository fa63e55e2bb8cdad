#include "actors/journal.hpp"

#include "actors/failure_error.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>
#include <variant>

namespace signalbox {

namespace {

using self_ptr = journal_actor::stateful_pointer<journal_state>;

constexpr auto check_interval = std::chrono::seconds(1);

// How long readers hear nothing of events that they have no use for: waking
// them for each batch would cost more than all else. Shorter than `linger`, so
// that such events are not written for their sake.
constexpr auto silence = std::chrono::milliseconds(20);

wall_time wall_now() {
  return std::chrono::system_clock::now();
}

void wake_in_time(self_ptr self) {
  auto& st = self->state;
  const auto now = self->clock().now();
  const auto at = std::min(
    {st.next_check, st.tell_all, st.log->wake_at().value_or(mono_time::max())});
  if (at >= st.next_wake && st.next_wake > now)
    return;
  st.next_wake = at;
  self->delayed_send(self, std::max(duration{0}, duration{at - now}),
                     atoms::tick::value);
}

void report(const std::vector<std::string>& findings) {
  for (const auto& x : findings)
    spdlog::error("journal: {}", x);
}

void remember(journal_state& st, stored_batch x) {
  st.recent_count += x.batch->events.size();
  st.recent.push_back(std::move(x));
  while (st.recent_count - st.recent.front().batch->events.size()
         >= recent_events) {
    st.recent_count -= st.recent.front().batch->events.size();
    st.recent.pop_front();
  }
}

// The answer waits for the disk; everybody else goes on.
void read_from_store(self_ptr self, journal_state::waiting_pull x,
                     const storage::log_tail::in_store& where) {
  self
    ->request(self->state.reader, caf::infinite, atoms::pull::value, where.from,
              where.until, x.what.most())
    .then(
      [self, x](const reading_ptr& found) mutable {
        auto& st = self->state;
        st.read_refused.clear();
        report(found->findings);
        st.log->set_aside(found->damaged, self->clock().now());
        x.promise.deliver(slice_ptr{found, &found->piece});
        wake_in_time(self);
      },
      [self, x](const caf::error& why) {
        auto& st = self->state;
        const auto before = std::exchange(st.read_refused, words_of(why));
        if (before.empty())
          spdlog::error("journal: cannot be read: {}; tried again every second",
                        st.read_refused);
        st.turned_away.push_back(x);
      });
}

// Answers a reader if there is something for it.
bool feed(self_ptr self, const journal_state::waiting_pull& x, bool tell_all) {
  auto found = x.what.answer(*self->state.log, tell_all);
  auto promise = x.promise;
  if (auto* piece = std::get_if<slice>(&found))
    promise.deliver(slice_ptr{std::make_shared<slice>(std::move(*piece))});
  else if (const auto* where = std::get_if<storage::log_tail::in_store>(&found))
    read_from_store(self, x, *where);
  else
    return false;
  return true;
}

void feed_the_hungry(self_ptr self, bool tell_all = false) {
  std::erase_if(self->state.hungry,
                [&](const auto& x) { return feed(self, x, tell_all); });
}

// Events from `before` on can be seen now: who has no use for them waits on,
// and is told of them later.
void pass_over(self_ptr self, sequence before) {
  auto& st = self->state;
  std::vector<storage::pull*> choosy;
  for (auto& x : st.hungry)
    if (x.what.is_choosy_at(before))
      choosy.push_back(&x.what);
  if (choosy.empty())
    return;
  const auto found =
    st.log->read(before, std::numeric_limits<std::size_t>::max());
  const auto* shown = std::get_if<slice>(&found);
  if (shown == nullptr)
    return;
  if (storage::pull::pass_over(std::move(choosy), *shown)
      && st.tell_all == mono_time::max())
    st.tell_all = self->clock().now() + silence;
}

// Counts what readers can see from now on, and shows it to them.
void show(self_ptr self, sequence before) {
  auto& st = self->state;
  const auto shown = st.log->visible() - before;
  if (shown == 0)
    return;
  st.ledger->journaled(shown);
  pass_over(self, before);
  feed_the_hungry(self);
}

caf::result<slice_ptr> pull(self_ptr self, storage::pull what) {
  journal_state::waiting_pull x{std::move(what),
                                self->make_response_promise<slice_ptr>()};
  if (!feed(self, x, false))
    self->state.hungry.push_back(x);
  return x.promise;
}

void give_credit_back(journal_state& st) {
  if (!st.log->is_pressed() || !st.log->is_writing())
    st.held.clear();
}

// As they will be once `x` is written. What is on its way has not been
// journaled, and counts when it is.
ledger counters_at(const journal_state& st, const storage::commit& x) {
  auto out = st.ledger->picture();
  const auto told = x.next - std::min(x.next, st.log->visible());
  out.events.journaled += told;
  out.events.in_flight -= std::min(out.events.in_flight, told);
  out.destinations.clear();
  return out;
}

void close_if_asked(self_ptr self);

void write(self_ptr self, bool all) {
  auto& st = self->state;
  auto x = st.log->next_commit(self->clock().now(), all);
  if (!x)
    return;
  x->counters = counters_at(st, *x);
  x->now = wall_now();
  st.counted = x->counters;
  self
    ->request(st.writer, caf::infinite,
              commit_ptr{std::make_shared<storage::commit>(std::move(*x))})
    .then(
      [self](const written_ptr& done) {
        auto& s = self->state;
        report(done->findings);
        if (!std::exchange(s.refused, {}).empty())
          spdlog::info("journal: can be written again");
        ++s.commits;
        const auto before = s.log->visible();
        s.log->written(done->log, self->clock().now());
        show(self, before);
        give_credit_back(s);
        close_if_asked(self);
        write(self, false);
        wake_in_time(self);
      },
      [self](const caf::error& why) {
        auto& s = self->state;
        const auto before = std::exchange(s.refused, words_of(why));
        if (before.empty())
          spdlog::error("journal: cannot be written: {}; events are kept in "
                        "memory, up to journal.max_memory, and it is tried "
                        "again every second",
                        s.refused);
        s.log->not_written(self->clock().now());
        s.held.clear();
        if (s.closing)
          std::exchange(s.closing, std::nullopt)->deliver(caf::ok_atom::value);
        wake_in_time(self);
      });
}

void close_if_asked(self_ptr self) {
  auto& st = self->state;
  if (!st.closing || st.log->is_writing())
    return;
  write(self, true);
  // Nothing was left to write, or it is on its way and comes back here.
  if (!st.log->is_writing())
    std::exchange(st.closing, std::nullopt)->deliver(caf::ok_atom::value);
}

void append(self_ptr self, const event_batch_builder& builder) {
  auto& st = self->state;
  const auto events = builder->events.size();
  if (st.log->is_pressed() && st.log->is_writing())
    st.held.push_back(std::move(builder->credit));
  builder->credit.give_back();
  if (events == 0)
    return;
  event_batch_ptr batch = builder;
  const auto before = st.log->visible();
  const auto first = st.log->next();
  const auto kept = st.log->append(batch, self->clock().now(), wall_now());
  if (!kept) {
    st.ledger->shed(events);
    st.shed_lately = true;
    if (!st.shedding && st.sheddings.allows(self->clock().now())) {
      spdlog::error("events are shed: {}", kept.error().what);
      st.shedding = true;
    }
    return;
  }
  st.kept_lately = true;
  remember(st, {first, std::move(batch)});
  show(self, before);
  write(self, false);
  wake_in_time(self);
}

position attach(self_ptr self, const std::string& name, bool from_oldest) {
  auto& st = self->state;
  using start = storage::log_tail::start;
  auto at = st.log->attach(name, from_oldest ? start::oldest : start::end,
                           self->clock().now());
  st.ledger->open_account(name, at.terms, st.log->destinations().at(name));
  wake_in_time(self);
  return at;
}

void release(self_ptr self, const std::string& name, std::uint64_t waiting) {
  auto& st = self->state;
  spdlog::warn("destination '{}' is no longer configured: {} event(s) that "
               "waited for it are released; its dead letters are kept",
               name, waiting);
  st.log->forget(name, self->clock().now());
  st.ledger->close_account(name);
}

void keep_only(self_ptr self, const std::vector<std::string>& names) {
  for (const auto& [name, waiting] : self->state.log->destinations())
    if (std::ranges::find(names, name) == names.end())
      release(self, name, waiting);
  self->state.log->all_attached();
  wake_in_time(self);
}

// A destination that a reload removes, a lamp, or the dashboard.
void detach(self_ptr self, const std::string& name) {
  auto& st = self->state;
  const auto known = st.log->destinations();
  if (const auto i = known.find(name); i != known.end())
    release(self, name, i->second);
  else
    st.log->forget(name, self->clock().now());
  wake_in_time(self);
}

journal_status status_of(const journal_state& st) {
  const auto held = st.log->holds();
  journal_status x;
  if (st.shedding)
    x.state = "shedding";
  else if (!st.refused.empty() || !st.read_refused.empty())
    x.state = "failing";
  x.last_error = st.refused.empty() ? st.read_refused : st.refused;
  x.next = held.next;
  x.oldest = held.oldest;
  x.bytes_in_memory = st.log->bytes();
  x.bytes_on_disk = held.bytes;
  x.commits = st.commits;
  x.dropped = st.log->dropped();
  x.lost_letters = st.log->lost_letters();
  return x;
}

void check(self_ptr self) {
  auto& st = self->state;
  const auto now = self->clock().now();
  st.next_check = now + check_interval;
  // A small batch may find room where a large one did not.
  const bool has_shed = std::exchange(st.shed_lately, false);
  const bool has_kept = std::exchange(st.kept_lately, false);
  if (has_kept && !has_shed && std::exchange(st.shedding, false))
    spdlog::info("the journal takes events again");
  st.log->trim(wall_now());
  const auto dropped = st.log->dropped();
  if (dropped != st.told_dropped && st.drops.allows(now))
    spdlog::error("journal: {} event(s) were dropped before all destinations "
                  "had them, by the bounds max_memory, max_bytes or max_age; "
                  "each that missed some counts them as dropped",
                  dropped - std::exchange(st.told_dropped, dropped));
  auto counters = st.ledger->picture();
  counters.destinations.clear();
  if (counters != st.counted)
    st.log->touch(now);
  for (auto& x : std::exchange(st.turned_away, {}))
    st.hungry.push_back(std::move(x));
  feed_the_hungry(self);
  const auto lost = st.log->lost_letters();
  if (const auto before = std::exchange(st.lost_letters, lost); lost > before)
    spdlog::error("journal: {} dead letter(s) are lost: they could not be "
                  "written for too long",
                  lost - before);
}

} // namespace

journal_actor::behavior_type journal(self_ptr self,
                                     const std::shared_ptr<journal_plan>& plan,
                                     std::shared_ptr<books> ledger) {
  auto& st = self->state;
  st.log = std::make_unique<storage::log_tail>(plan->options, plan->durable,
                                               plan->former);
  st.writer = std::move(plan->writer);
  st.reader = std::move(plan->reader);
  st.ledger = std::move(ledger);
  st.ledger->restore(plan->former.counters);
  st.counted = st.ledger->picture();
  st.next_check = self->clock().now() + check_interval;
  wake_in_time(self);
  return {
    [self](atoms::letters, const letter_query& which) {
      return self->delegate(self->state.reader, atoms::letters::value, which);
    },
    [self](atoms::retry, const letter_query& which) {
      return self->delegate(self->state.writer, atoms::retry::value, which);
    },
    [self](atoms::purge, const letter_query& which) {
      return self->delegate(self->state.writer, atoms::purge::value, which);
    },
    [self](const event_batch_builder& x) { append(self, x); },
    [](atoms::flush) { return caf::ok_atom::value; },
    [self](atoms::attach, const std::string& name, bool from_oldest) {
      return attach(self, name, from_oldest);
    },
    [self](atoms::watch, const std::string& name) {
      return self->state.log->watch(name);
    },
    [self](atoms::detach, const std::string& name) { detach(self, name); },
    [self](atoms::keep, const std::vector<std::string>& names) {
      keep_only(self, names);
    },
    [self](atoms::pull, sequence from, std::uint32_t most) {
      return pull(self, {from, most, nullptr});
    },
    [self](atoms::pull, sequence from, std::uint32_t most,
           const interest_ptr& wants) {
      return pull(self, {from, most, wants});
    },
    [self](atoms::advance, const std::string& name, const progress_ptr& x) {
      self->state.log->advance(name, std::move(*x), self->clock().now());
      wake_in_time(self);
    },
    [self](atoms::recent) {
      auto piece = std::make_shared<slice>();
      piece->batches.assign(self->state.recent.begin(),
                            self->state.recent.end());
      return slice_ptr{std::move(piece)};
    },
    [self](atoms::configure, const log_options_ptr& x) {
      self->state.log->configure(*x);
    },
    [self](atoms::status) { return status_of(self->state); },
    [self](atoms::tick) {
      auto& s = self->state;
      if (self->clock().now() < s.next_wake)
        return; // An older timer; the one that counts is still to come.
      s.next_wake = mono_time::max();
      if (self->clock().now() >= s.next_check)
        check(self);
      if (self->clock().now() >= s.tell_all) {
        s.tell_all = mono_time::max();
        feed_the_hungry(self, true);
      }
      write(self, false);
      wake_in_time(self);
    },
    [self](atoms::close) -> caf::result<caf::ok_atom> {
      auto promise = self->make_response_promise<caf::ok_atom>();
      self->state.closing = promise;
      self->state.log->touch(self->clock().now());
      close_if_asked(self);
      return promise;
    },
  };
}

} // namespace signalbox
