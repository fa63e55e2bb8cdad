// Random lives of the journal's memory above a store that applies exactly the
// commits that succeed, with a model that knows which events must be there.
#include "policy/sequence_set.hpp"
#include "storage/log_tail.hpp"
#include "tests/support/events.hpp"
#include "tests/support/fake_store.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace signalbox;
using namespace signalbox::storage;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace {

/// Reads, and is done with events in any order.
struct reader {
  position at; ///< As last told.
  passed_terms terms;
  sequence begins = 1; ///< What is before it is none of its business.
  sequence knows = 1;  ///< Events before it may be gone when it begins.
  sequence pull_from = 1;
  std::set<sequence> in_hand;
  sequence_set done;
};

struct profile {
  log_options options;
  bool fails = false;
};

class world {
public:
  world(profile x, std::uint32_t seed) : with_(x), random_(seed) {
    truth_.push_back({}); // No event has the number 0.
    begin();
    for (const std::string name : {"a", "b", "c"})
      attach(name);
  }

  std::uint32_t upto(std::uint32_t n) {
    return static_cast<std::uint32_t>(random_() % n);
  }

  void append() {
    auto batch = std::make_shared<event_batch>();
    const auto n = 1 + upto(20);
    for (std::uint32_t i = 0; i < n; ++i)
      add_event(*batch, "joe").id = id_of(last_id_ + 1 + i);
    const auto bytes = batch->bytes();
    const auto first = tail_->next();
    const bool was_failing = tail_->is_failing();
    const auto kept = tail_->append(std::move(batch), clock_, wall_);
    if (!kept) {
      BOOST_REQUIRE(may_drop());
      BOOST_REQUIRE(tail_->next() == first);
      return;
    }
    BOOST_REQUIRE(tail_->next() == first + n);
    for (std::uint32_t i = 0; i < n; ++i)
      truth_.push_back(++last_id_);
    if (was_failing)
      BOOST_REQUIRE(tail_->bytes()
                    <= std::max(with_.options.max_memory, bytes));
  }

  /// A random reader takes what there is next.
  void read() {
    auto& [name, x] = some_reader();
    const auto most = 1 + upto(40);
    const auto found = tail_->read(x.pull_from, most);
    if (const auto* where = std::get_if<log_tail::in_store>(&found)) {
      BOOST_REQUIRE(where->from == x.pull_from);
      BOOST_REQUIRE(where->until > where->from);
      BOOST_REQUIRE(where->until <= tail_->visible());
      take(x, disk_.read(where->from, where->until, most).value().piece);
    } else if (const auto* piece = std::get_if<slice>(&found)) {
      take(x, *piece);
    } else {
      BOOST_REQUIRE(x.pull_from >= tail_->visible());
    }
  }

  /// It is done with some of what it has in hand.
  void advance() {
    auto& [name, x] = some_reader();
    for (auto i = x.in_hand.begin(); i != x.in_hand.end();) {
      if (upto(4) == 0) {
        ++i;
        continue;
      }
      x.done.add(*i);
      ++x.terms.delivered;
      i = x.in_hand.erase(i);
    }
    tell(name, x);
  }

  void forget() {
    const auto name = some_reader().first; // A copy: the reader goes.
    tail_->forget(name, clock_);
    readers_.erase(name);
    BOOST_REQUIRE(!tail_->destinations().contains(name));
    attach(name);
  }

  void begin_commit() {
    if (out_)
      return;
    out_ = tail_->next_commit(clock_, upto(10) == 0);
    if (!out_)
      return;
    BOOST_REQUIRE(tail_->is_writing());
    out_readers_ = readers_;
    for (std::size_t i = 1; i < out_->batches.size(); ++i)
      BOOST_REQUIRE(out_->batches[i].first == out_->batches[i - 1].end());
  }

  void end_commit() {
    if (!out_)
      return;
    if (with_.fails && upto(2) == 0) {
      tail_->not_written(clock_);
      has_failed_ = true;
    } else {
      tail_->written(apply(), clock_);
    }
    out_.reset();
  }

  /// The process dies. A commit that is out may have been applied or not.
  void crash() {
    if (out_ && upto(2) == 0)
      apply();
    out_.reset();
    begin();
    BOOST_REQUIRE(tail_->next() <= truth_.size());
    truth_.resize(tail_->next());
    BOOST_REQUIRE((durable_.empty() || *durable_.rbegin() < tail_->next()));
    life_ = tail_->next();
    for (const std::string name : {"a", "b", "c"}) {
      const auto kept = disk_.readers.find(name);
      BOOST_REQUIRE((kept != disk_.readers.end()) == kept_.contains(name));
      if (kept == disk_.readers.end()) {
        attach(name);
        continue;
      }
      auto& x = readers_[name];
      x = kept_.at(name);
      x.at = tail_->attach(name, log_tail::start::end, clock_);
      BOOST_REQUIRE((x.at == kept->second));
      x.terms = x.at.terms;
      x.in_hand.clear();
      x.pull_from = x.at.where.next;
      x.done = sequence_set{x.at.where.beyond};
      BOOST_REQUIRE(x.at.terms.total() == passed(x));
    }
    check();
  }

  void pass(duration dt) {
    clock_ += dt;
    wall_ += dt;
  }

  void check() {
    const auto waiting = tail_->destinations();
    BOOST_REQUIRE(waiting.size() == readers_.size());
    for (const auto& [name, n] : waiting) {
      const auto& x = readers_.at(name);
      BOOST_REQUIRE(n + passed(x) == tail_->visible() - x.begins);
      BOOST_REQUIRE(x.at.terms.total() == passed(x));
    }
    if (const auto then = tail_->wake_at())
      BOOST_REQUIRE(*then <= clock_ + 1min);
  }

  /// Everybody takes all there is, then the process ends as it should.
  void finish() {
    with_.fails = false;
    for (int i = 0; i < 20'000 && !is_over(); ++i) {
      begin_commit();
      end_commit();
      read();
      advance();
      pass(10ms);
    }
    BOOST_REQUIRE(is_over());
    int commits = 0;
    while ((out_ = tail_->next_commit(clock_, true))) {
      end_commit();
      BOOST_REQUIRE(++commits < 10);
    }
    tail_->trim(wall_);
    BOOST_REQUIRE(tail_->bytes() == 0);
    for (const auto& [name, x] : readers_)
      BOOST_REQUIRE((disk_.readers.at(name) == x.at));
    BOOST_REQUIRE(disk_.batches.empty());
    BOOST_REQUIRE(disk_.next == tail_->next());
  }

private:
  [[nodiscard]] bool may_drop() const {
    return has_failed_ && with_.options.max_memory < (std::size_t{1} << 20U);
  }

  [[nodiscard]] bool is_over() const {
    return tail_->visible() == tail_->next()
           && std::ranges::all_of(readers_, [this](const auto& x) {
                return x.second.at.where.next == tail_->visible();
              });
  }

  void begin() {
    tail_.emplace(with_.options, true, disk_.recover().value());
  }

  std::pair<const std::string, reader>& some_reader() {
    auto i = readers_.begin();
    std::advance(i, upto(static_cast<std::uint32_t>(readers_.size())));
    return *i;
  }

  void attach(const std::string& name) {
    const bool from_oldest = upto(2) == 0;
    reader x;
    x.at = tail_->attach(
      name, from_oldest ? log_tail::start::oldest : log_tail::start::end,
      clock_);
    BOOST_REQUIRE(x.at.where.beyond.empty());
    BOOST_REQUIRE(x.at.terms.total() == 0);
    BOOST_REQUIRE((from_oldest || x.at.where.next == tail_->visible()));
    x.begins = x.at.where.next;
    x.knows = tail_->visible();
    x.pull_from = x.begins;
    readers_[name] = x;
  }

  static std::uint64_t passed(const reader& x) {
    auto n = x.at.where.next - x.begins;
    for (const auto& range : x.at.where.beyond)
      n += range.end - range.first;
    return n;
  }

  void tell(const std::string& name, reader& x) {
    x.at.where.next = x.in_hand.empty() ? x.pull_from : *x.in_hand.begin();
    x.done.remove_below(x.at.where.next);
    x.at.where.beyond = x.done.ranges();
    x.at.terms = x.terms;
    std::vector<dead_letter> letters(upto(2));
    tail_->advance(name, {x.at, std::move(letters), {}}, clock_);
  }

  /// Every event is the right one; none is missing that has to be there.
  void take(reader& x, const slice& piece) {
    BOOST_REQUIRE(piece.from == x.pull_from);
    BOOST_REQUIRE(piece.end > piece.from);
    BOOST_REQUIRE(piece.end <= tail_->visible());
    auto i = piece.batches.begin();
    for (auto n = piece.from; n < piece.end; ++n) {
      while (i != piece.batches.end() && i->end() <= n)
        ++i;
      const bool was_done = x.done.contains(n);
      if (i == piece.batches.end() || n < i->first) {
        if (was_done)
          continue;
        miss(x, n);
        ++x.terms.dropped;
        x.done.add(n);
        continue;
      }
      if (i->batch->events[n - i->first].id != id_of(truth_[n]))
        BOOST_FAIL("event " << n << " is another one");
      if (with_.options.linger == 0s && !durable_.contains(n))
        BOOST_FAIL("event " << n << " is seen before it is written");
      if (!was_done)
        x.in_hand.insert(n);
    }
    x.pull_from = piece.end;
  }

  void miss(const reader& x, sequence n) {
    if (n < x.knows)
      return;
    if (durable_.contains(n))
      BOOST_FAIL("event " << n << " was written and is gone");
    if (n >= life_ && !may_drop())
      BOOST_FAIL("event " << n << " is gone");
  }

  log_extent apply() {
    for (const auto& x : out_->batches)
      for (auto n = x.first; n < x.end(); ++n)
        durable_.insert(n);
    for (const auto& name : out_->gone)
      kept_.erase(name);
    for (const auto& [name, at] : out_->readers)
      kept_[name] = out_readers_.at(name);
    return disk_.write(*out_).value().log;
  }

  profile with_;
  std::mt19937 random_;
  fake_store disk_;
  std::optional<log_tail> tail_;
  std::optional<commit> out_;
  std::map<std::string, reader> readers_;
  std::map<std::string, reader> out_readers_; ///< As `out_` has them.
  std::map<std::string, reader> kept_;        ///< As the store has them.
  std::vector<std::uint64_t> truth_;          ///< Ids by number, as things are.
  std::set<sequence> durable_;                ///< In a commit that succeeded.
  sequence life_ = 1; ///< What is before it was another process's.
  std::uint64_t last_id_ = 0;
  bool has_failed_ = false; ///< The store, ever.
  mono_time clock_{1h};
  wall_time wall_ = noon;
};

profile random_profile(std::uint32_t seed) {
  std::mt19937 random{seed * 7919};
  profile x;
  x.options.linger = std::vector<duration>{0s, 20ms, 50ms, 10s}[random() % 4];
  x.options.full =
    random() % 2 == 0 ? when_full::drop_oldest : when_full::drop_newest;
  if (random() % 2 == 0)
    x.options.max_memory = 30'000;
  x.fails = random() % 2 == 0;
  return x;
}

} // namespace

BOOST_AUTO_TEST_CASE(what_was_written_is_there_after_any_crash) {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      world w{random_profile(seed), seed};
      for (int i = 0; i < 500; ++i) {
        if (w.upto(3) == 0)
          w.append();
        if (w.upto(3) == 0)
          w.read();
        if (w.upto(3) == 0)
          w.advance();
        w.begin_commit();
        if (w.upto(3) == 0)
          w.end_commit();
        if (w.upto(100) == 0)
          w.forget();
        if (w.upto(50) == 0)
          w.crash();
        w.check();
        w.pass(w.upto(10) == 0 ? 2s : 5ms);
      }
      w.finish();
    }
  }
}
