#include "actors/delivery.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace signalbox {

namespace {

// Consecutive failures before the breaker opens, and its pauses.
constexpr unsigned failures_to_open = 5;
constexpr auto first_pause = std::chrono::seconds(5);
constexpr auto longest_pause = std::chrono::minutes(5);

// Events in hand beyond which those above the rate are folded at once.
constexpr std::size_t fold_above = 64;

// Events to pull at a time, at least and at most: however far behind, memory
// stays bounded.
constexpr std::size_t least_pull = 256;
constexpr std::size_t most_pull = 16'384;

// Dead letters in hand, at most.
constexpr std::size_t letters_at_once = 64;

// The least range that holds both.
sequence_range hull(const sequence_range& x, const sequence_range& y) {
  if (x.first == x.end)
    return y;
  if (y.first == y.end)
    return x;
  return {std::min(x.first, y.first), std::max(x.end, y.end)};
}

} // namespace

delivery::delivery(options opts, const position& from)
  : opts_(std::move(opts)),
    breaker_(failures_to_open, first_pause, longest_pause),
    pull_from_(from.where.next),
    passed_(from) {
  if (!opts_.limit)
    opts_.limit = std::make_shared<pace>(0, 1);
}

void delivery::take(const slice& x) {
  const auto miss_until = [this](sequence end) {
    if (end <= pull_from_)
      return;
    const sequence_range gap{pull_from_, end};
    const auto missed = passed_.not_passed(gap);
    settled_.missed += missed;
    passed_.terms.dropped += missed;
    passed_.pass(gap);
    pull_from_ = end;
  };
  for (const auto& [first, batch] : x.batches) {
    miss_until(std::min(first, x.end));
    const auto end = std::min(x.end, first + batch->events.size());
    for (; pull_from_ < end; ++pull_from_) {
      if (passed_.was_passed(pull_from_))
        continue;
      const auto& what = batch->events[pull_from_ - first];
      if (wants(what)) {
        pending_.push_back({pull_from_, batch, &what, opts_.batch, 0});
      } else {
        ++settled_.not_matched;
        passed_.not_matched(pull_from_);
      }
    }
  }
  miss_until(x.end);
}

void delivery::revive(const std::vector<dead_letter>& letters) {
  for (const auto& x : letters) {
    if (x.what == nullptr || absolved_ids_.contains(x.id)
        || !letters_.insert(x.id).second)
      continue;
    revived_.push_back({0, x.batch, x.what, opts_.batch, x.id});
    ++settled_.revived;
    passed_.terms.dead_lettered -= passed_.terms.dead_lettered > 0 ? 1 : 0;
  }
}

const delivery::job* delivery::next(mono_time now, wall_time wall) {
  if (const auto* again = retry(now, wall))
    return again;
  return start(now, wall);
}

void delivery::answered(std::uint64_t job_id, const verdict& x, mono_time now,
                        wall_time wall) {
  const auto i = std::ranges::find(jobs_, job_id, &job::id);
  if (i == jobs_.end() || !i->in_flight_)
    return;
  i->in_flight_ = false;
  opts_.limit->arrived(i->sent_, now);
  const auto done = std::min(x.done, i->items.size());
  // Nothing is left to fail: what went wrong came after the last event.
  const bool all_done = done > 0 && done == i->items.size();
  if (x.what == outcome::delivered || all_done) {
    breaker_.succeeded();
    last_error_.clear();
    healed_ = healed_ || at_fault_;
    at_fault_ = false;
    deliver(i);
    return;
  }
  last_error_ = x.reason;
  if (done > 0) {
    const auto end = i->items.begin() + static_cast<std::ptrdiff_t>(done);
    std::for_each(i->items.begin(), end, [this](item& one) { deliver(one); });
    i->items.erase(i->items.begin(), end);
    // The rest is another request, with its own attempts.
    i->attempts_ = 0;
    i->tries_ = 1; // This one.
    i->history_.clear();
  }
  failed(i, x, now, wall);
}

void delivery::failed(job_list::iterator x, const verdict& v, mono_time now,
                      wall_time wall) {
  if (x->history_.size() == dead_letter::kept_attempts)
    x->history_.erase(x->history_.begin() + 1);
  x->history_.push_back({x->sent_wall_, v.reason});
  switch (v.what) {
  case outcome::delivered:
    break;
  case outcome::slow_down:
    opts_.limit->slow_down(now);
    [[fallthrough]];
  case outcome::retry:
    breaker_.failed(now);
    if (opts_.attempts > 0 && x->attempts_ >= opts_.attempts)
      give_up(x, dead_reason::exhausted, v.reason, wall);
    else
      postpone(*x, v, now);
    break;
  case outcome::destination_fault:
    breaker_.trip(now);
    at_fault_ = true;
    // Not the event's fault: the attempt does not count against it.
    x->attempts_ -= x->attempts_ > 0 ? 1 : 0;
    postpone(*x, v, now);
    break;
  case outcome::event_fault:
  case outcome::too_large:
    breaker_.succeeded();
    if (x->items.size() > 1)
      split(x);
    else
      give_up(x, dead_reason::refused, v.reason, wall);
    break;
  }
}

std::optional<mono_time> delivery::wake_at(mono_time now) const {
  // With a probe out, nothing is due before its answer.
  if (breaker_.state() == breaker_state::half_open)
    return std::nullopt;
  std::optional<mono_time> at;
  const auto sooner = [&](mono_time x) {
    if (!at || x < *at)
      at = x;
  };
  const auto open = gate(now);
  for (const auto& x : jobs_)
    if (!x.in_flight_)
      sooner(std::max({x.due_, open, budget_.ready_at(now)}));
  if (jobs_.size() < slots()
      && (!pending_.empty() || !revived_.empty() || folded_))
    sooner(open);
  return at;
}

std::uint32_t delivery::wanted() const noexcept {
  const auto full =
    std::clamp(2 * opts_.batch * opts_.concurrency, least_pull, most_pull);
  if (pending_.size() > full / 2)
    return 0;
  return static_cast<std::uint32_t>(full);
}

std::uint32_t delivery::wanted_letters() const noexcept {
  return letters_.empty() ? letters_at_once : 0;
}

std::optional<progress> delivery::moved() {
  std::uint64_t absorbed = folded_ ? folded_->skipped : 0;
  for (const auto& x : jobs_)
    absorbed += x.told ? x.told->skipped : 0;
  progress now{passed_.at(lowest_in_hand(), absorbed, letters_.size()),
               std::exchange(buried_, {}), std::exchange(absolved_, {})};
  if (now.at == reported_ && now.buried.empty() && now.absolved.empty())
    return std::nullopt;
  reported_ = now.at;
  return now;
}

settlement delivery::settled() {
  return std::exchange(settled_, {});
}

bool delivery::healed() {
  return std::exchange(healed_, false);
}

bool delivery::at_rest() const noexcept {
  return std::ranges::none_of(jobs_, &job::in_flight_);
}

std::optional<wall_time> delivery::oldest() const noexcept {
  if (!jobs_.empty()) {
    const auto& x = jobs_.front();
    return x.told ? x.told->sum.first() : x.items.front().what->received;
  }
  if (folded_)
    return folded_->sum.first();
  if (!pending_.empty())
    return pending_.front().what->received;
  if (!revived_.empty())
    return revived_.front().what->received;
  return std::nullopt;
}

bool delivery::wants(const event& x) const {
  return opts_.match.holds(x) && !(opts_.except && opts_.except->holds(x));
}

mono_time delivery::gate(mono_time now) const {
  auto at = opts_.limit->ready_at(now);
  if (breaker_.state() != breaker_state::closed)
    at = std::max(at, breaker_.retry_at());
  return at;
}

bool delivery::digests() const noexcept {
  return throttled_ && opts_.excess == excess_policy::digest;
}

// A digest covers all that was held back, so it goes out alone.
std::size_t delivery::slots() const noexcept {
  return digests() || folded_ ? 1 : opts_.concurrency;
}

// The breaker is asked last but one: to be allowed may mean to be the probe.
bool delivery::may_send(mono_time now) {
  return opts_.limit->ready_at(now) <= now && breaker_.allows(now);
}

const delivery::job* delivery::launch(job& x, mono_time now, wall_time wall) {
  x.in_flight_ = true;
  x.sent_ = now;
  x.sent_wall_ = wall;
  ++x.attempts_;
  ++x.tries_;
  settled_.taken += x.events();
  return &x;
}

const delivery::job* delivery::retry(mono_time now, wall_time wall) {
  for (auto i = jobs_.begin(); i != jobs_.end();) {
    auto current = i++;
    if (current->in_flight_ || current->due_ > now)
      continue;
    expire_items(*current, wall);
    if (current->events() == 0) {
      jobs_.erase(current);
      continue;
    }
    if (budget_.ready_at(now) > now || !may_send(now))
      return nullptr;
    // Whoever shares the pace may have been quicker: a probe goes out anyhow.
    if (!opts_.limit->try_take(now)
        && breaker_.state() != breaker_state::half_open)
      return nullptr;
    budget_.try_retry(now);
    return launch(*current, now, wall);
  }
  return nullptr;
}

const delivery::job* delivery::start(mono_time now, wall_time wall) {
  expire_pending(wall);
  if (pending_.empty() && revived_.empty() && !folded_)
    return nullptr;
  const bool has_token = opts_.limit->ready_at(now) <= now;
  if (!has_token && opts_.excess == excess_policy::drop) {
    drop_pending();
    return nullptr;
  }
  throttled_ = throttled_ || !has_token;
  if (digests() && pending_.size() > fold_above)
    fold_pending();
  if (!has_token || jobs_.size() >= slots() || !may_send(now))
    return nullptr;
  if (!opts_.limit->try_take(now)
      && breaker_.state() != breaker_state::half_open)
    return nullptr;
  budget_.sent(now);
  if (folded_ || (digests() && pending_.size() > 1)) {
    fold_pending();
    throttled_ = false;
    return launch(*form_digest(), now, wall);
  }
  auto x = form();
  throttled_ = throttled_ && !pending_.empty();
  return launch(*x, now, wall);
}

delivery::job_list::iterator delivery::form() {
  job x;
  x.id = next_job_++;
  auto most = opts_.batch;
  for (auto* from : {&pending_, &revived_})
    while (!from->empty() && x.items.size() < most) {
      most = std::min(most, from->front().max_group);
      if (x.items.size() >= most)
        break;
      x.items.push_back(std::move(from->front()));
      from->pop_front();
    }
  return jobs_.insert(jobs_.end(), std::move(x));
}

delivery::job_list::iterator delivery::form_digest() {
  job x;
  x.id = next_job_++;
  x.told = std::exchange(folded_, std::nullopt);
  x.told->skipped += passed_.absorb(x.told->range);
  return jobs_.insert(jobs_.end(), std::move(x));
}

void delivery::fold(item& x) {
  if (!folded_) {
    folded_ = summary{};
    folded_->first = x.what->id;
  }
  folded_->sum.add(*x.what);
  if (x.letter != 0) {
    folded_->letters.push_back(x.letter);
    return;
  }
  // What a request was split into comes behind what was folded meanwhile.
  folded_->range = hull(folded_->range, {x.place, x.place + 1});
}

void delivery::fold_pending() {
  for (auto* from : {&pending_, &revived_}) {
    for (auto& x : *from)
      fold(x);
    from->clear();
  }
  // What lies between is told with it; else it would be a list without end.
  folded_->skipped += passed_.absorb(folded_->range);
}

void delivery::drop_pending() {
  settled_.taken += pending_.size();
  settled_.dropped += pending_.size();
  passed_.terms.dropped += pending_.size();
  for (const auto& x : pending_)
    pass(x);
  pending_.clear();
}

void delivery::expire_pending(wall_time wall) {
  while (!pending_.empty() && is_expired(pending_.front(), wall)) {
    ++settled_.taken;
    expire_one(pending_.front(), wall);
    pending_.pop_front();
  }
}

void delivery::expire_items(job& x, wall_time wall) {
  if (x.told) {
    if (!opts_.expire || !x.told->letters.empty()
        || wall - x.told->sum.last() <= *opts_.expire)
      return;
    settled_.taken += x.told->sum.events();
    if (at_fault_) {
      bury_digest(x, dead_reason::unavailable, last_error_, wall);
    } else {
      settled_.expired += x.told->sum.events();
      passed_.terms.expired += x.told->sum.events();
    }
    pass(*x.told);
    x.told.reset();
    return;
  }
  std::erase_if(x.items, [&](item& one) {
    if (!is_expired(one, wall))
      return false;
    ++settled_.taken;
    if (at_fault_)
      bury(one, &x, dead_reason::unavailable, last_error_, wall);
    else
      expire_one(one, wall);
    return true;
  });
}

// Events that a destination refused to hear of until they were too old are
// dead letters, not merely late.
void delivery::expire_one(item& x, wall_time wall) {
  if (at_fault_) {
    bury(x, nullptr, dead_reason::unavailable, last_error_, wall);
    return;
  }
  ++settled_.expired;
  ++passed_.terms.expired;
  pass(x);
}

void delivery::deliver(item& x) {
  ++settled_.delivered;
  ++passed_.terms.delivered;
  if (x.letter != 0)
    absolve(x.letter);
  pass(x);
}

void delivery::absolve(std::uint64_t letter) {
  letters_.erase(letter);
  absolved_.push_back(letter);
  absolved_ids_.add(letter);
}

void delivery::deliver(job_list::iterator x) {
  if (x->told) {
    settled_.folded += x->told->sum.events();
    passed_.terms.folded += x->told->sum.events();
    for (const auto letter : x->told->letters)
      absolve(letter);
    pass(*x->told);
  } else {
    for (auto& one : x->items)
      deliver(one);
  }
  jobs_.erase(x);
}

void delivery::split(job_list::iterator x) {
  const auto half = x->items.size() / 2;
  settled_.returned += x->items.size();
  std::size_t letters = 0;
  for (auto& one : x->items) {
    one.max_group = half;
    if (one.letter != 0) {
      revived_.insert(revived_.begin() + static_cast<std::ptrdiff_t>(letters++),
                      std::move(one));
      continue;
    }
    // Other requests may be split, too, with events in between: keep the order
    // of the log.
    const auto at =
      std::ranges::lower_bound(pending_, one.place, {}, &item::place);
    pending_.insert(at, std::move(one));
  }
  jobs_.erase(x);
}

void delivery::give_up(job_list::iterator x, dead_reason why,
                       const std::string& answer, wall_time wall) {
  if (x->told && why == dead_reason::exhausted) {
    refold(x);
    return;
  }
  if (x->told) {
    bury_digest(*x, why, answer, wall);
    pass(*x->told);
  }
  for (const auto& one : x->items)
    bury(one, &*x, why, answer, wall);
  jobs_.erase(x);
}

void delivery::bury(const item& x, const job* from, dead_reason why,
                    const std::string& answer, wall_time wall) {
  ++settled_.dead_lettered;
  ++passed_.terms.dead_lettered;
  dead_letter letter;
  letter.id = x.letter;
  letter.reason = why;
  letter.answer = answer;
  letter.buried = wall;
  if (from != nullptr) {
    letter.attempts = from->tries_;
    letter.history = from->history_;
  }
  letter.batch = x.batch;
  letter.what = x.what;
  buried_.push_back(std::move(letter));
  letters_.erase(x.letter);
  pass(x);
}

// The events of a digest are not kept one by one. Letters that it told keep
// their own record.
void delivery::bury_digest(job& x, dead_reason why, const std::string& answer,
                           wall_time wall) {
  const auto events = x.told->sum.events();
  settled_.dead_lettered += events;
  passed_.terms.dead_lettered += events;
  dead_letter letter;
  letter.reason = why;
  letter.answer = answer;
  letter.buried = wall;
  letter.attempts = x.tries_;
  letter.history = x.history_;
  letter.events = events - x.told->letters.size();
  buried_.push_back(std::move(letter));
  for (const auto one : x.told->letters)
    letters_.erase(one);
}

// A digest is never given up for want of an answer: it grows.
void delivery::refold(job_list::iterator x) {
  settled_.returned += x->told->sum.events();
  auto later = std::exchange(folded_, std::move(x->told));
  jobs_.erase(x);
  if (!later)
    return;
  folded_->sum.add(std::move(later->sum));
  folded_->skipped += later->skipped;
  folded_->letters.insert(folded_->letters.end(), later->letters.begin(),
                          later->letters.end());
  folded_->range = hull(folded_->range, later->range);
}

void delivery::postpone(job& x, const verdict& v, mono_time now) {
  settled_.returned += x.events();
  if (!x.pause_)
    x.pause_.emplace(opts_.retry_initial, opts_.retry_max, opts_.seed + x.id);
  x.due_ = now + x.pause_->next();
  if (v.retry_after) {
    opts_.limit->pause_until(now + *v.retry_after);
    x.due_ = std::max(x.due_, now + *v.retry_after);
  }
}

void delivery::pass(const item& x) {
  if (x.place != 0)
    passed_.pass({x.place, x.place + 1});
}

// Its range may hold events that others still have in hand.
void delivery::pass(const summary& x) {
  if (x.range.first == x.range.end)
    return;
  passed_.pass(x.range);
  const auto take_back = [&](const item& one) {
    if (one.place >= x.range.first && one.place < x.range.end)
      passed_.take_back(one.place);
  };
  for (const auto& one : pending_)
    take_back(one);
  for (const auto& other : jobs_)
    for (const auto& one : other.items)
      take_back(one);
}

sequence delivery::lowest_in_hand() const noexcept {
  auto lowest = pull_from_;
  if (!pending_.empty())
    lowest = std::min(lowest, pending_.front().place);
  const auto consider = [&](const summary& x) {
    if (x.range.first != x.range.end)
      lowest = std::min(lowest, x.range.first);
  };
  if (folded_)
    consider(*folded_);
  for (const auto& x : jobs_) {
    if (x.told)
      consider(*x.told);
    for (const auto& one : x.items)
      if (one.place != 0)
        lowest = std::min(lowest, one.place);
  }
  return lowest;
}

bool delivery::is_expired(const item& x, wall_time wall) const {
  return x.letter == 0 && opts_.expire
         && wall - x.what->received > *opts_.expire;
}

} // namespace signalbox
