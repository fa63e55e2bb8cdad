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

} // namespace

void delivery::summary::include(const sequence_range& x) {
  if (x.first == x.end)
    return;
  if (range.first == range.end)
    range = x;
  range = {std::min(range.first, x.first), std::max(range.end, x.end)};
}

delivery::delivery(options opts, const position& from)
  : opts_(std::move(opts)),
    breaker_(failures_to_open, first_pause, longest_pause),
    pull_from_(from.where.next),
    passed_(from) {
  if (!opts_.limit)
    opts_.limit = std::make_shared<pace>(0, 1);
}

bool delivery::take(const slice& x) {
  const auto before = pending_.size();
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
  if (x.wanted_from > pull_from_) {
    settled_.not_matched += passed_.not_matched({pull_from_, x.wanted_from});
    pull_from_ = x.wanted_from;
  }
  for (const auto& [first, batch] : x.batches) {
    miss_until(std::min(first, x.end));
    const auto end = std::min(x.end, first + batch->events.size());
    for (; pull_from_ < end; ++pull_from_) {
      if (passed_.was_passed(pull_from_))
        continue;
      const auto& what = batch->events[pull_from_ - first];
      match_subject subject{what};
      if (opts_.wants.holds(subject)) {
        pending_.push_back({pull_from_, batch, &what, opts_.batch, 0});
      } else {
        settled_.not_matched +=
          passed_.not_matched({pull_from_, pull_from_ + 1});
      }
    }
  }
  miss_until(x.end);
  return pending_.size() > before;
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
  if (!folded_)
    folded_.emplace(summary{}).first = x.what->id;
  folded_->sum.add(*x.what);
  if (x.letter != 0) {
    folded_->letters.push_back(x.letter);
    return;
  }
  // What a request was split into comes behind what was folded meanwhile.
  folded_->include({x.place, x.place + 1});
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

} // namespace signalbox
