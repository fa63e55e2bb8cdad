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

constexpr std::size_t least_pull = 256;

} // namespace

delivery::delivery(options opts, cursor from)
  : opts_(std::move(opts)),
    bucket_(opts_.rate, opts_.burst),
    breaker_(failures_to_open, first_pause, longest_pause),
    resumed_(std::move(from)),
    pull_from_(resumed_.next),
    reported_(resumed_) {
  // nop
}

void delivery::take(const slice& x) {
  if (x.from > pull_from_) {
    settled_.missed += x.from - pull_from_;
    pull_from_ = x.from;
  }
  for (const auto& [first, batch] : x.batches) {
    const auto& events = batch->events;
    for (auto i = pull_from_ - first; i < events.size(); ++i) {
      if (was_done_before(first + i))
        continue;
      if (wants(events[i]))
        pending_.push_back({first + i, batch, &events[i], opts_.batch});
      else
        ++settled_.not_matched;
    }
    pull_from_ = first + events.size();
  }
}

const delivery::job* delivery::next(mono_time now, wall_time wall) {
  if (const auto* again = retry(now, wall))
    return again;
  return start(now, wall);
}

void delivery::answered(std::uint64_t job_id, const verdict& x, mono_time now) {
  const auto i = std::ranges::find(jobs_, job_id, &job::id);
  if (i == jobs_.end() || !i->in_flight_)
    return;
  i->in_flight_ = false;
  if (x.what == outcome::delivered) {
    breaker_.succeeded();
    last_error_.clear();
    (i->sum ? settled_.folded : settled_.delivered) += i->events();
    finish(i);
    return;
  }
  last_error_ = x.reason;
  const auto done = std::min(x.done, i->items.size());
  if (done > 0) {
    settled_.delivered += done;
    i->items.erase(i->items.begin(),
                   i->items.begin() + static_cast<std::ptrdiff_t>(done));
    // The rest is another request, with its own attempts.
    i->attempts_ = 0;
    if (i->items.empty()) {
      finish(i);
      return;
    }
    i->range.first = i->items.front().place;
  }
  switch (x.what) {
  case outcome::delivered:
    break;
  case outcome::slow_down:
    bucket_.slow_down(now);
    [[fallthrough]];
  case outcome::retry:
    breaker_.failed(now);
    i->destination_at_fault_ = false;
    if (opts_.attempts > 0 && i->attempts_ >= opts_.attempts)
      bury(i, x.reason);
    else
      postpone(*i, x, now);
    break;
  case outcome::destination_fault:
    breaker_.trip(now);
    // Not the event's fault: the attempt does not count against it.
    i->attempts_ -= i->attempts_ > 0 ? 1 : 0;
    i->destination_at_fault_ = true;
    postpone(*i, x, now);
    break;
  case outcome::event_fault:
  case outcome::too_large:
    breaker_.succeeded();
    if (i->items.size() > 1)
      split(i);
    else
      bury(i, x.reason);
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
  const auto gate = std::max(paused_until(now), bucket_.ready_at(now));
  for (const auto& x : jobs_)
    if (!x.in_flight_)
      sooner(std::max(x.due_, gate));
  if (jobs_.size() < opts_.concurrency && (!pending_.empty() || folded_))
    sooner(gate);
  return at;
}

std::uint32_t delivery::wanted() const noexcept {
  const auto full = std::max(least_pull, 2 * opts_.batch * opts_.concurrency);
  if (pending_.size() > full / 2)
    return 0;
  return static_cast<std::uint32_t>(full);
}

std::optional<cursor> delivery::moved() {
  auto now = where();
  std::erase_if(done_, [&](const auto& x) { return x.end <= now.next; });
  if (now == reported_)
    return std::nullopt;
  reported_ = now;
  return now;
}

settlement delivery::settled() {
  return std::exchange(settled_, {});
}

std::vector<delivery::dead_letter> delivery::buried() {
  return std::exchange(buried_, {});
}

std::optional<wall_time> delivery::oldest() const noexcept {
  if (!jobs_.empty()) {
    const auto& x = jobs_.front();
    return x.sum ? x.sum->first() : x.items.front().what->received;
  }
  if (folded_)
    return folded_->sum.first();
  if (!pending_.empty())
    return pending_.front().what->received;
  return std::nullopt;
}

bool delivery::wants(const event& x) const {
  return opts_.match.holds(x) && !(opts_.except && opts_.except->holds(x));
}

bool delivery::was_done_before(sequence x) const noexcept {
  return std::ranges::any_of(
    resumed_.beyond, [x](const auto& r) { return r.first <= x && x < r.end; });
}

mono_time delivery::paused_until(mono_time now) const {
  auto until = std::max(pause_, now);
  if (breaker_.state() != breaker_state::closed)
    until = std::max(until, breaker_.retry_at());
  return until;
}

const delivery::job* delivery::launch(job& x) {
  x.in_flight_ = true;
  ++x.attempts_;
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
      finish(current);
      continue;
    }
    if (pause_ > now || bucket_.ready_at(now) > now || !breaker_.allows(now))
      return nullptr;
    if (bucket_.try_take(now))
      return launch(*current);
  }
  return nullptr;
}

const delivery::job* delivery::start(mono_time now, wall_time wall) {
  expire_pending(wall);
  if (pending_.empty() && !folded_)
    return nullptr;
  const bool has_token = bucket_.ready_at(now) <= now;
  if (!has_token && opts_.excess == excess_policy::drop) {
    drop_pending();
    return nullptr;
  }
  throttled_ = throttled_ || !has_token;
  const bool digests = throttled_ && opts_.excess == excess_policy::digest;
  if (digests && pending_.size() > fold_above)
    fold_pending();
  // A digest covers all that was held back, so it goes out alone.
  const auto slots = digests || folded_ ? 1 : opts_.concurrency;
  if (!has_token || jobs_.size() >= slots || pause_ > now
      || !breaker_.allows(now) || !bucket_.try_take(now))
    return nullptr;
  if (folded_ || (digests && pending_.size() > 1)) {
    fold_pending();
    throttled_ = false;
    return launch(*form_digest());
  }
  auto x = form(opts_.batch);
  throttled_ = throttled_ && !pending_.empty();
  return launch(*x);
}

std::list<delivery::job>::iterator delivery::form(std::size_t most) {
  job x;
  x.id = next_job_++;
  while (!pending_.empty() && x.items.size() < most) {
    most = std::min(most, pending_.front().max_group);
    if (x.items.size() >= most)
      break;
    x.items.push_back(std::move(pending_.front()));
    pending_.pop_front();
  }
  x.range = {x.items.front().place, x.items.back().place + 1};
  return jobs_.insert(jobs_.end(), std::move(x));
}

std::list<delivery::job>::iterator delivery::form_digest() {
  job x;
  x.id = next_job_++;
  x.sum = std::move(folded_->sum);
  x.range = folded_->range;
  folded_.reset();
  return jobs_.insert(jobs_.end(), std::move(x));
}

void delivery::fold_pending() {
  for (auto& x : pending_) {
    if (!folded_)
      folded_.emplace().range.first = x.place;
    folded_->sum.add(*x.what);
    folded_->range.end = x.place + 1;
  }
  pending_.clear();
}

void delivery::drop_pending() {
  settled_.taken += pending_.size();
  settled_.dropped += pending_.size();
  pending_.clear();
}

void delivery::expire_pending(wall_time wall) {
  while (!pending_.empty()
         && is_expired(pending_.front().what->received, wall)) {
    ++settled_.taken;
    ++settled_.expired;
    pending_.pop_front();
  }
}

// Events that a destination refused to hear of until they were too old are
// dead letters, not merely late.
void delivery::expire_items(job& x, wall_time wall) {
  std::uint64_t gone = 0;
  if (x.sum) {
    if (is_expired(x.sum->last(), wall)) {
      gone = x.sum->events();
      x.sum.reset();
    }
  } else {
    gone = std::erase_if(x.items, [&](const item& i) {
      return is_expired(i.what->received, wall);
    });
  }
  if (gone == 0)
    return;
  settled_.taken += gone;
  if (x.destination_at_fault_) {
    settled_.dead_lettered += gone;
    buried_.push_back({gone, {}, last_error_});
  } else {
    settled_.expired += gone;
  }
}

void delivery::finish(std::list<job>::iterator x) {
  done_.push_back(x->range);
  jobs_.erase(x);
}

void delivery::split(std::list<job>::iterator x) {
  const auto half = x->items.size() / 2;
  settled_.returned += x->items.size();
  for (auto& i : x->items)
    i.max_group = half;
  // Other requests may be split, too: keep the order of the log.
  const auto at = std::ranges::lower_bound(pending_, x->items.front().place, {},
                                           &item::place);
  pending_.insert(at, std::move_iterator(x->items.begin()),
                  std::move_iterator(x->items.end()));
  jobs_.erase(x);
}

void delivery::bury(std::list<job>::iterator x, const std::string& reason) {
  settled_.dead_lettered += x->events();
  buried_.push_back({x->events(),
                     x->items.empty() ? event_id{} : x->items[0].what->id,
                     reason});
  finish(x);
}

void delivery::postpone(job& x, const verdict& v, mono_time now) {
  settled_.returned += x.events();
  if (!x.pause_)
    x.pause_.emplace(opts_.retry_initial, opts_.retry_max, opts_.seed + x.id);
  x.due_ = now + x.pause_->next();
  if (v.retry_after) {
    pause_ = std::max(pause_, now + *v.retry_after);
    x.due_ = std::max(x.due_, pause_);
  }
}

bool delivery::is_expired(wall_time received, wall_time wall) const {
  return opts_.expire && wall - received > *opts_.expire;
}

cursor delivery::where() const {
  cursor x;
  x.next = pull_from_;
  if (!pending_.empty())
    x.next = std::min(x.next, pending_.front().place);
  if (folded_)
    x.next = std::min(x.next, folded_->range.first);
  for (const auto& j : jobs_)
    x.next = std::min(x.next, j.range.first);
  for (const auto& r : done_)
    if (r.end > x.next)
      x.beyond.push_back(r);
  std::ranges::sort(x.beyond, {}, &sequence_range::first);
  return x;
}

} // namespace signalbox
