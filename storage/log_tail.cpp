#include "storage/log_tail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace signalbox::storage {

namespace {

using namespace std::chrono_literals;

// How soon a cursor is written whose events are in the store (a crash would
// repeat them), and how soon all else.
constexpr auto soon = 50ms;
constexpr auto later = 1s;

// Between two commits, and after one that failed.
constexpr auto least_pause = 5ms;
constexpr auto pause_after_failure = 1s;

constexpr std::size_t largest_commit = std::size_t{16} << 20; // bytes

// Dead letters that wait to be written, while the store refuses.
constexpr std::size_t letters_in_memory = 10'000;

} // namespace

log_tail::log_tail(log_options options, bool durable, const recovered& former)
  : options_(options),
    durable_(durable),
    next_(former.log.next),
    visible_(former.log.next),
    written_(former.log.next),
    store_(former.log) {
  for (const auto& [name, at] : former.readers)
    readers_.emplace(name, reader{at, at.where.next, false, true});
  find_slowest();
  places_lost_ = former.places_lost;
}

void log_tail::configure(log_options options) {
  options_ = options;
}

result<void> log_tail::append(event_batch_ptr batch, mono_time now,
                              wall_time wall) {
  const auto bytes = batch->bytes();
  const auto refuse = [](std::size_t held, std::string_view key,
                         std::size_t bound) {
    return fail(errc::full, fmt::format("the journal holds {} bytes, its bound "
                                        "({}) is {}",
                                        held, key, bound));
  };
  trim(wall);
  if (durable_ && options_.full == when_full::drop_newest
      && store_.bytes + bytes > options_.max_bytes)
    return refuse(store_.bytes, "journal.max_bytes", options_.max_bytes);
  while (!tail_.empty() && bytes_ + bytes > options_.max_memory) {
    const auto& oldest = tail_.front().stored;
    const bool is_kept = durable_ && oldest.end() <= written_;
    // A store that works makes room soon; meanwhile the credit of those who
    // send bounds the memory.
    if (!is_kept && durable_ && !is_failing_)
      break;
    // What nobody has been told of cannot be taken back.
    const bool may_drop =
      options_.full == when_full::drop_oldest && oldest.end() <= visible_;
    if (!is_kept && !may_drop)
      return refuse(bytes_, "journal.max_memory", options_.max_memory);
    if (!is_kept)
      count_dropped(oldest.first, oldest.end());
    drop_front();
  }
  const auto first = next_;
  next_ += batch->events.size();
  bytes_ += bytes;
  unwritten_ += bytes;
  tail_.push_back({{first, std::move(batch)}, bytes, now, wall});
  if (!durable_ || options_.linger > 0ns)
    visible_ = next_;
  return {};
}

position log_tail::attach(const std::string& name, start where, mono_time now) {
  if (const auto i = readers_.find(name); i != readers_.end())
    return i->second.at;
  reader x;
  x.at.where.next = visible_;
  if (where == start::oldest || places_lost_)
    x.at.where.next = std::min(visible_, holds().oldest);
  x.durable = x.at.where.next;
  x.moved = true;
  x.is_destination = true;
  std::erase(gone_, name);
  due_by(now + soon);
  const auto& added = readers_.emplace(name, std::move(x)).first->second;
  find_slowest();
  return added.at;
}

position log_tail::watch(const std::string& name) {
  const auto [i, is_new] = readers_.try_emplace(name);
  if (is_new) {
    i->second.at.where.next = visible_;
    find_slowest();
  }
  return i->second.at;
}

void log_tail::forget(const std::string& name, mono_time now) {
  const auto i = readers_.find(name);
  if (i == readers_.end())
    return;
  if (i->second.is_destination) {
    gone_.push_back(name);
    due_by(now + soon);
  }
  readers_.erase(i);
  find_slowest();
}

std::map<std::string, std::uint64_t> log_tail::destinations() const {
  std::map<std::string, std::uint64_t> out;
  for (const auto& [name, x] : readers_) {
    if (!x.is_destination)
      continue;
    const auto& [next, beyond] = x.at.where;
    auto waiting = visible_ - std::min(next, visible_);
    for (const auto& range : beyond)
      waiting -= std::min(waiting, range.end - range.first);
    out.emplace(name, waiting);
  }
  return out;
}

void log_tail::advance(const std::string& name, progress x, mono_time now) {
  const auto i = readers_.find(name);
  if (i == readers_.end())
    return;
  auto& r = i->second;
  const bool was_slowest = r.at.where.next == slowest_;
  r.at = std::move(x.at);
  if (was_slowest)
    find_slowest();
  if (!r.is_destination)
    return;
  r.moved = true;
  for (auto& letter : x.buried) {
    letter.destination = name;
    buried_.push_back(std::move(letter));
  }
  absolved_.insert(absolved_.end(), x.absolved.begin(), x.absolved.end());
  const bool has_letters = !x.buried.empty() || !x.absolved.empty();
  due_by(now + (has_letters || may_repeat(r) ? duration{soon} : later));
  bound_letters();
}

log_tail::found log_tail::read(sequence from, std::size_t most) const {
  if (from >= visible_)
    return std::monostate{};
  const auto in_memory = memory_first();
  if (durable_ && from < in_memory && store_.bytes > 0
      && std::max(from, store_.oldest) < in_memory)
    return in_store{from, std::min(in_memory, visible_)};
  slice out;
  out.from = from;
  out.end = visible_;
  auto i = std::ranges::partition_point(
    tail_, [&](const entry& x) { return x.stored.end() <= from; });
  std::size_t events = 0;
  for (; i != tail_.end() && i->stored.first < visible_; ++i) {
    if (events >= most) {
      out.end = i->stored.first;
      break;
    }
    events += i->stored.batch->events.size();
    out.batches.push_back(i->stored);
  }
  return out;
}

void log_tail::set_aside(const std::vector<sequence>& damaged, mono_time now) {
  if (damaged.empty())
    return;
  damaged_.insert(damaged_.end(), damaged.begin(), damaged.end());
  due_by(now);
}

void log_tail::touch(mono_time now) {
  due_by(now + later);
}

std::optional<commit> log_tail::next_commit(mono_time now, bool all) {
  if (out_)
    return std::nullopt;
  const auto at = wake_at();
  if (!all && (!at || *at > now))
    return std::nullopt;
  commit x;
  x.done = done();
  if (options_.full == when_full::drop_oldest)
    x.max_bytes = options_.max_bytes;
  x.max_age = options_.max_age;
  const bool was_due = due_.has_value();
  if (durable_) {
    const bool at_once = all || options_.linger == 0ns || is_pressed();
    std::size_t bytes = 0;
    for (auto i = first_unwritten(); i != tail_.end(); ++i) {
      if (!at_once && i->appended + options_.linger > now)
        break;
      if (bytes > largest_commit)
        break;
      bytes += i->bytes;
      x.batches.push_back(i->stored);
    }
    for (const auto& [name, r] : readers_)
      if (r.is_destination && r.moved)
        x.readers.emplace_back(name, r.at);
  }
  out_end_ = x.batches.empty() ? written_ : x.batches.back().end();
  x.next = std::max(visible_, out_end_);
  x.gone = std::exchange(gone_, {});
  x.buried = std::exchange(buried_, {});
  x.absolved = std::exchange(absolved_, {});
  x.damaged = std::exchange(damaged_, {});
  for (auto& [name, r] : readers_)
    r.moved = false;
  due_.reset();
  if (!was_due && x.batches.empty())
    return std::nullopt;
  out_ = x;
  out_->batches.clear();
  return x;
}

std::optional<mono_time> log_tail::wake_at() const {
  if (out_)
    return std::nullopt;
  auto at = due_;
  if (durable_) {
    const auto i = first_unwritten();
    if (i != tail_.end()) {
      const auto ripe =
        i->appended + (is_pressed() ? duration{0} : options_.linger);
      at = at ? std::min(*at, ripe) : ripe;
    }
  }
  if (at)
    at = std::max(*at, not_before_);
  return at;
}

void log_tail::written(const log_extent& store, mono_time now) {
  // Beyond what nobody needs, the store frees by its bounds.
  if (store_.bytes > 0)
    count_dropped(std::max(store_.oldest, out_->done), store.oldest);
  store_ = store;
  const auto from = written_;
  written_ = std::max(written_, out_end_);
  auto kept = std::ranges::partition_point(
    tail_, [&](const entry& x) { return x.stored.end() <= from; });
  for (; kept != tail_.end() && kept->stored.end() <= written_; ++kept)
    unwritten_ -= kept->bytes;
  visible_ = std::max(visible_, std::min(written_, next_));
  for (const auto& [name, at] : out_->readers)
    if (const auto i = readers_.find(name); i != readers_.end())
      i->second.durable = at.where.next;
  // Those that went on meanwhile are behind in the store now.
  for (const auto& [name, r] : readers_)
    if (r.moved && may_repeat(r))
      due_by(now + soon);
  out_.reset();
  is_failing_ = false;
  not_before_ = now + pause();
}

void log_tail::not_written(mono_time now) {
  auto& x = *out_;
  const auto back = [](auto& later_ones, auto& first_ones) {
    later_ones.insert(later_ones.begin(),
                      std::make_move_iterator(first_ones.begin()),
                      std::make_move_iterator(first_ones.end()));
  };
  // Who has come back since is not gone any more.
  std::erase_if(x.gone, [this](const std::string& name) {
    return readers_.contains(name);
  });
  back(gone_, x.gone);
  back(buried_, x.buried);
  back(absolved_, x.absolved);
  back(damaged_, x.damaged);
  for (const auto& [name, at] : x.readers)
    if (const auto i = readers_.find(name); i != readers_.end())
      i->second.moved = true;
  out_.reset();
  is_failing_ = true;
  not_before_ = now + pause_after_failure;
  due_by(now);
  bound_letters();
}

log_extent log_tail::holds() const noexcept {
  auto oldest = memory_first();
  if (store_.bytes > 0)
    oldest = std::min(oldest, store_.oldest);
  return {oldest, next_, store_.bytes};
}

void log_tail::trim(wall_time wall) {
  const auto needed = done();
  const auto too_old = wall - options_.max_age;
  while (!tail_.empty()) {
    const auto& front = tail_.front();
    const bool is_done = front.stored.end() <= std::min(needed, visible_);
    const bool is_old = front.at < too_old && front.stored.end() <= visible_;
    if (!is_done && !is_old)
      break;
    if (!is_done && front.stored.first >= written_)
      count_dropped(front.stored.first, front.stored.end());
    drop_front();
  }
}

// Events that are not in the store cannot be repeated by a crash.
bool log_tail::may_repeat(const reader& x) const noexcept {
  return x.durable < written_ && store_.bytes > 0;
}

sequence log_tail::done() const noexcept {
  return std::min(visible_, slowest_);
}

void log_tail::find_slowest() noexcept {
  slowest_ = std::numeric_limits<sequence>::max();
  for (const auto& [name, r] : readers_)
    slowest_ = std::min(slowest_, r.at.where.next);
}

sequence log_tail::memory_first() const noexcept {
  return tail_.empty() ? next_ : tail_.front().stored.first;
}

std::deque<log_tail::entry>::const_iterator
log_tail::first_unwritten() const noexcept {
  const auto from = std::max(written_, std::min(done(), visible_));
  return std::ranges::partition_point(
    tail_, [&](const entry& x) { return x.stored.end() <= from; });
}

// Rather written early than dropped for want of memory. What is written may
// leave at any time.
bool log_tail::is_pressed() const noexcept {
  return durable_ && unwritten_ > options_.max_memory / 2;
}

duration log_tail::pause() const noexcept {
  if (options_.linger == 0ns || is_pressed())
    return 0ns;
  return std::clamp<duration>(options_.linger / 4, least_pause, soon);
}

void log_tail::due_by(mono_time at) noexcept {
  due_ = due_ ? std::min(*due_, at) : at;
}

void log_tail::count_dropped(sequence first, sequence end) noexcept {
  first = std::max(first, done());
  if (first < end)
    dropped_ += end - first;
}

void log_tail::drop_front() {
  const auto& front = tail_.front();
  bytes_ -= front.bytes;
  if (front.stored.end() > written_)
    unwritten_ -= front.bytes;
  tail_.pop_front();
}

void log_tail::bound_letters() {
  if (buried_.size() <= letters_in_memory)
    return;
  const auto excess = buried_.size() - letters_in_memory;
  buried_.erase(buried_.begin(),
                buried_.begin() + static_cast<std::ptrdiff_t>(excess));
  lost_letters_ += excess;
}

} // namespace signalbox::storage
