#include "policy/ledger.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>
#include <utility>

namespace signalbox {

namespace {

using std::uint64_t;

/// The sum, held at the type's end: a sum that wrapped could balance.
uint64_t sum(std::initializer_list<uint64_t> terms) noexcept {
  uint64_t total = 0;
  for (const auto x : terms)
    total += std::min(x, std::numeric_limits<uint64_t>::max() - total);
  return total;
}

uint64_t difference(uint64_t x, uint64_t y) noexcept {
  return x > y ? x - y : y - x;
}

/// Takes `events` out of a term, down to zero. What was never there is still
/// added to the term that it moves to, so that it shows as an imbalance, where
/// a term that wrapped around would hide it.
void take(uint64_t& term, uint64_t events) noexcept {
  term -= std::min(term, events);
}

/// All terms but `journaled`.
void set(destination_terms& x, const passed_terms& done, uint64_t waiting) {
  x.not_matched = done.not_matched;
  x.delivered = done.delivered;
  x.folded = done.folded;
  x.dead_lettered = done.dead_lettered;
  x.expired = done.expired;
  x.dropped = done.dropped;
  x.waiting = waiting;
  x.in_flight = 0;
}

uint64_t imbalance_of(const ingest_terms& x) noexcept {
  return difference(x.received, sum({x.parsed, x.malformed, x.oversized,
                                     x.source, x.encoding, x.in_flight}));
}

uint64_t imbalance_of(const event_terms& x) noexcept {
  return difference(x.parsed, sum({x.excluded, x.duplicate, x.limited,
                                   x.journaled, x.shed, x.in_flight}));
}

uint64_t imbalance_of(const destination_terms& x) noexcept {
  return difference(x.journaled,
                    sum({x.not_matched, x.delivered, x.folded, x.dead_lettered,
                         x.expired, x.dropped, x.waiting, x.in_flight}));
}

} // namespace

// -- ledger -------------------------------------------------------------------

uint64_t ledger::imbalance() const noexcept {
  auto total = sum({imbalance_of(ingest), imbalance_of(events)});
  for (const auto& [name, terms] : destinations)
    total = sum({total, imbalance_of(terms)});
  return total;
}

bool ledger::at_rest() const noexcept {
  return ingest.in_flight == 0 && events.in_flight == 0
         && std::ranges::all_of(destinations, [](const auto& entry) {
              return entry.second.waiting == 0 && entry.second.in_flight == 0;
            });
}

bool settlement::empty() const noexcept {
  return (revived | taken | returned | not_matched | missed | delivered | folded
          | dead_lettered | expired | dropped)
         == 0;
}

// -- books --------------------------------------------------------------------

void books::name_rules(std::vector<std::string> excludes,
                       std::vector<std::string> limits) {
  const std::scoped_lock guard{mutex_};
  rename(excluded_, std::move(excludes));
  rename(limited_, std::move(limits));
}

void books::restore(const ledger& former) {
  const std::scoped_lock guard{mutex_};
  ingest_ = former.ingest;
  events_ = former.events;
  const auto add_all = [](rule_counts& to, const auto& from) {
    for (const auto& [name, events] : from)
      to.push_back({.name = name, .events = events});
  };
  add_all(excluded_, former.excluded_by_rule);
  add_all(limited_, former.limited_by_rule);
}

void books::open_account(const std::string& name, const passed_terms& done,
                         uint64_t waiting) {
  const std::scoped_lock guard{mutex_};
  if (std::ranges::find(accounts_, name, &destination_account::name)
      != accounts_.end())
    return;
  // One that was closed leaves its place: reloads must not add up.
  auto i = std::ranges::find(accounts_, "", &destination_account::name);
  if (i == accounts_.end())
    i = accounts_.emplace(i);
  i->name = name;
  auto& terms = i->terms;
  set(terms, done, waiting);
  terms.journaled = done.total() + waiting;
}

void books::close_account(const std::string& name) {
  const std::scoped_lock guard{mutex_};
  const auto i = std::ranges::find(accounts_, name, &destination_account::name);
  if (i != accounts_.end())
    *i = {};
}

books::destination_id books::account(const std::string& name) const {
  const std::scoped_lock guard{mutex_};
  const auto i = std::ranges::find(accounts_, name, &destination_account::name);
  assert(i != accounts_.end());
  return static_cast<destination_id>(i - accounts_.begin());
}

void books::resume(destination_id id, const passed_terms& done) {
  const std::scoped_lock guard{mutex_};
  assert(id < accounts_.size());
  auto& terms = accounts_[id].terms;
  set(terms, done, terms.journaled - std::min(terms.journaled, done.total()));
}

void books::received(uint64_t datagrams) {
  const std::scoped_lock guard{mutex_};
  ingest_.received += datagrams;
  ingest_.in_flight += datagrams;
}

void books::kernel_dropped(uint64_t datagrams, const std::string& socket,
                           uint64_t counter) {
  const std::scoped_lock guard{mutex_};
  ingest_.kernel_dropped += datagrams;
  socket_drops_[socket] = counter;
}

void books::parsed(const parse_tally& x) {
  const std::scoped_lock guard{mutex_};
  take(ingest_.in_flight,
       sum({x.parsed, x.malformed, x.oversized, x.source, x.encoding}));
  ingest_.parsed += x.parsed;
  ingest_.malformed += x.malformed;
  ingest_.oversized += x.oversized;
  ingest_.source += x.source;
  ingest_.encoding += x.encoding;
  ingest_.bad_records += x.bad_records;
  events_.parsed += x.events;
  events_.in_flight += x.events;
}

void books::limited(const limit_tally& x) {
  const std::scoped_lock guard{mutex_};
  const auto excluded = add(excluded_, x.excluded);
  const auto limited = add(limited_, x.limited);
  take(events_.in_flight, sum({excluded, limited, x.duplicate}));
  events_.excluded += excluded;
  events_.limited += limited;
  events_.duplicate += x.duplicate;
}

void books::journaled(uint64_t events) {
  const std::scoped_lock guard{mutex_};
  take(events_.in_flight, events);
  events_.journaled += events;
  for (auto& [name, terms] : accounts_) {
    terms.journaled += events;
    terms.waiting += events;
  }
}

void books::shed(uint64_t events) {
  const std::scoped_lock guard{mutex_};
  take(events_.in_flight, events);
  events_.shed += events;
}

void books::settle(destination_id id, const settlement& x) {
  const std::scoped_lock guard{mutex_};
  assert(id < accounts_.size());
  auto& terms = accounts_[id].terms;
  // Letters of a former account of this name come on top of what is journaled.
  const auto own = std::min(terms.dead_lettered, x.revived);
  terms.dead_lettered -= own;
  terms.journaled += x.revived - own;
  // First what adds: an event may be taken, returned and taken again in one.
  terms.waiting += x.returned + x.revived;
  take(terms.waiting, sum({x.taken, x.not_matched, x.missed}));
  terms.in_flight += x.taken;
  terms.not_matched += x.not_matched;
  terms.dropped += x.missed;
  take(terms.in_flight, sum({x.returned, x.delivered, x.folded, x.dead_lettered,
                             x.expired, x.dropped}));
  terms.delivered += x.delivered;
  terms.folded += x.folded;
  terms.dead_lettered += x.dead_lettered;
  terms.expired += x.expired;
  terms.dropped += x.dropped;
}

ledger books::picture() const {
  const std::scoped_lock guard{mutex_};
  ledger result;
  result.ingest = ingest_;
  result.events = events_;
  result.socket_drops = socket_drops_;
  for (const auto& [name, events] : excluded_)
    result.excluded_by_rule[name] += events;
  for (const auto& [name, events] : limited_)
    result.limited_by_rule[name] += events;
  for (const auto& [name, terms] : accounts_)
    if (!name.empty())
      result.destinations.emplace(name, terms);
  return result;
}

void books::rename(rule_counts& counts, std::vector<std::string> names) {
  rule_counts renamed;
  for (auto& name : names)
    renamed.push_back({.name = std::move(name), .events = 0});
  for (auto& old : counts) {
    const auto found = std::ranges::find(renamed, old.name, &rule_count::name);
    if (found != renamed.end())
      found->events += old.events;
    else if (old.events > 0)
      renamed.push_back(std::move(old));
  }
  counts = std::move(renamed);
}

uint64_t books::add(rule_counts& counts, const std::vector<uint64_t>& tally) {
  while (counts.size() < tally.size())
    counts.push_back({.name = "unnamed", .events = 0});
  for (std::size_t i = 0; i < tally.size(); ++i)
    counts[i].events += tally[i];
  return std::accumulate(tally.begin(), tally.end(), uint64_t{0});
}

} // namespace signalbox
