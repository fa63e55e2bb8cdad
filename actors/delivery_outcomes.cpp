// What becomes of events: the second half of actors/delivery.hpp.
#include "actors/delivery.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace signalbox {

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
    healed_ = healed_ || at_fault_ || !was_well_;
    was_well_ = true;
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
  folded_->include(later->range);
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

bool delivery::is_expired(const item& x, wall_time wall) const {
  return x.letter == 0 && opts_.expire
         && wall - x.what->received > *opts_.expire;
}

} // namespace signalbox
