// Whatever answers come, in whatever order, and wherever a life ends: beside a
// delivery stands a model that knows what became of every event.
#include "actors/delivery.hpp"
#include "tests/support/events.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <utility>
#include <vector>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t seeds = 40;

/// What became of an event, as far as the other side and the letters tell.
enum class fate : std::uint8_t { none, missed, delivered, told, buried };

/// The log that the journal would hold; some batches get lost.
class event_log {
public:
  void append(event_batch_builder batch, const std::set<std::size_t>& wanted) {
    for (std::size_t i = 0; i < batch->events.size(); ++i) {
      batch->events[i].id = id_of(end() + i);
      wanted_.push_back(wanted.contains(i));
    }
    const auto first = end_;
    end_ += batch->events.size();
    batches_.push_back({first, std::move(batch)});
  }

  void lose(std::size_t which) {
    lost_.insert(which % batches_.size());
  }

  [[nodiscard]] sequence end() const {
    return end_;
  }
  [[nodiscard]] bool is_wanted(sequence x) const {
    return wanted_.at(x - 1);
  }

  [[nodiscard]] const event& at(sequence x) const {
    const auto i =
      std::ranges::upper_bound(batches_, x, {}, &stored_batch::end);
    return i->batch->events.at(x - i->first);
  }

  [[nodiscard]] slice read(sequence from, std::size_t most) const {
    slice out;
    out.from = from;
    out.end = from;
    for (std::size_t i = 0; i < batches_.size(); ++i) {
      const auto& x = batches_[i];
      if (x.end() <= from)
        continue;
      if (out.end - from >= most)
        break;
      out.end = x.end();
      if (!lost_.contains(i))
        out.batches.push_back(x);
    }
    return out;
  }

private:
  std::vector<stored_batch> batches_;
  std::set<std::size_t> lost_;
  std::vector<bool> wanted_;
  sequence end_ = 1;
};

/// What a store keeps: all of it is written in one step.
struct kept {
  position at;
  std::vector<fate> fates; ///< By place; what the terms of `at` count.
  std::map<std::uint64_t, dead_letter> letters;
  std::uint64_t last_letter = 0;
  std::uint64_t letters_delivered = 0;
  std::uint64_t letters_told = 0;
};

/// A request, as the other side sees it.
struct sent {
  std::vector<sequence> places;
  std::vector<std::uint64_t> letters;
  bool is_digest = false;
  bool in_flight = false;
  unsigned attempt = 0;

  [[nodiscard]] std::size_t events() const {
    return places.size() + letters.size();
  }
};

struct profile {
  delivery::options options;
  double rate = 0;
  std::uint32_t wanted_of_ten = 10;
  bool loses = false;
};

class world {
public:
  world(profile x, std::uint32_t seed) : with_(std::move(x)), random_(seed) {
    start({});
    ledger_.open_account("it", {}, 0);
    account_ = ledger_.account("it");
    saved_ = now_;
  }

  std::uint32_t upto(std::uint32_t n) {
    return static_cast<std::uint32_t>(random_() % n);
  }

  /// Nothing is left to do.
  [[nodiscard]] bool is_done() const {
    return d_->idle() && d_->pull_from() == log_.end()
           && std::ranges::none_of(now_.letters, [this](const auto& x) {
                return x.second.requested && x.first > last_asked_;
              });
  }

  void append() {
    auto batch = std::make_shared<event_batch>();
    std::set<std::size_t> wanted;
    const auto n = 1 + upto(12);
    for (std::size_t i = 0; i < n; ++i) {
      const bool wants = upto(10) < with_.wanted_of_ten;
      if (wants)
        wanted.insert(i);
      add_event(*batch, wants ? "ann" : "bob", event_kind::connection_open,
                wall_);
    }
    log_.append(std::move(batch), wanted);
    now_.fates.resize(log_.end(), fate::none);
    ledger_.parsed({.events = n});
    ledger_.journaled(n);
    if (with_.loses && upto(6) == 0)
      log_.lose(upto(1000));
  }

  void pull() {
    if (d_->wanted() == 0 || d_->pull_from() == log_.end())
      return;
    const auto x = log_.read(d_->pull_from(), 1 + upto(20));
    auto expected = d_->pull_from();
    const auto miss_until = [&](sequence end) {
      for (; expected < end; ++expected)
        if (!has_passed(expected))
          now_.fates[expected] = fate::missed;
    };
    for (const auto& one : x.batches) {
      miss_until(one.first);
      expected = one.end();
    }
    miss_until(x.end);
    d_->take(x);
    BOOST_REQUIRE(d_->pull_from() == x.end);
    settle();
  }

  /// Sends what can be sent now.
  void send() {
    while (const auto* job = d_->next(clock_, wall_)) {
      settle_first();
      note(*job);
      BOOST_REQUIRE(!d_->wake_at(clock_)
                    || d_->circuit() != breaker_state::half_open);
      settle();
    }
    settle();
    // Nobody has to ask again and again, and nobody waits for ever.
    const auto then = d_->wake_at(clock_);
    BOOST_REQUIRE((!then || *then > clock_));
    if (d_->at_rest() && !d_->idle())
      BOOST_REQUIRE(then.has_value());
  }

  [[nodiscard]] bool has_sent() const {
    return std::ranges::any_of(
      jobs_, [](const auto& x) { return x.second.in_flight; });
  }

  /// Answers a random one of the requests that are out.
  void answer(bool may_fail) {
    std::vector<std::uint64_t> out;
    for (const auto& [id, x] : jobs_)
      if (x.in_flight)
        out.push_back(id);
    const auto id = out[upto(static_cast<std::uint32_t>(out.size()))];
    auto& x = jobs_.at(id);
    x.in_flight = false;
    verdict v;
    if (may_fail && upto(2) == 0) {
      v.what = static_cast<outcome>(1 + upto(5));
      v.reason = "it said no";
      if (upto(4) == 0)
        v.retry_after = std::chrono::seconds{upto(30)};
      if (!x.is_digest && upto(3) == 0)
        v.done = upto(static_cast<std::uint32_t>(x.events() + 1));
    }
    const bool heals = is_good(x, v) && (at_fault_ || !was_well_);
    was_well_ = was_well_ || is_good(x, v);
    if (is_good(x, v))
      at_fault_ = false;
    else if (v.what == outcome::destination_fault)
      at_fault_ = true;
    judge(id, x, v);
    d_->answered(id, v, clock_, wall_);
    BOOST_REQUIRE(d_->healed() == heals);
    BOOST_REQUIRE(!d_->healed());
    settle();
  }

  void pass(duration dt) {
    clock_ += dt;
    wall_ += dt;
  }

  void pass_until_due() {
    if (const auto then = d_->wake_at(clock_); then && *then > clock_)
      pass(*then - clock_);
  }

  /// Somebody wants letters sent again.
  void request_letters(bool all) {
    for (auto& [id, x] : now_.letters)
      x.requested = x.requested || all || upto(2) == 0;
    last_asked_ = 0;
  }

  /// Fetches a page of them, as the actor does.
  void revive() {
    if (d_->wanted_letters() == 0)
      return;
    std::vector<dead_letter> page;
    for (const auto& [id, x] : now_.letters)
      if (x.requested && id > last_asked_ && page.size() < 5)
        page.push_back(x);
    if (page.empty())
      return;
    last_asked_ = page.back().id;
    // The page may be older than what has happened since.
    for (const auto& old : gone_letters_)
      page.push_back(old);
    d_->revive(page);
    for (const auto& x : page)
      if (x.what != nullptr && now_.letters.contains(x.id))
        letters_in_hand_.insert(x.id);
    settle();
  }

  /// The store keeps what there is.
  void save() {
    saved_ = now_;
  }

  /// Everybody dies, and begins again with what the store kept.
  void crash() {
    now_ = saved_;
    now_.fates.resize(log_.end(), fate::none);
    begin_again();
    ledger_.close_account("it");
    ledger_.open_account("it", now_.at.terms, log_.end() - 1 - passed());
    account_ = ledger_.account("it");
    settle();
  }

  /// Only the destination dies; the journal and the books live.
  void fail() {
    begin_again();
    ledger_.resume(account_, now_.at.terms);
    settle();
  }

  void check_the_end() {
    BOOST_REQUIRE(is_done());
    BOOST_REQUIRE(now_.at.where.next == log_.end());
    BOOST_REQUIRE(now_.at.where.beyond.empty());
    const auto x = ledger_.picture();
    BOOST_REQUIRE(x.imbalance() == 0);
    BOOST_REQUIRE(x.destinations.at("it").waiting == 0);
    BOOST_REQUIRE(x.destinations.at("it").in_flight == 0);
    for (const auto& [id, letter] : now_.letters)
      BOOST_REQUIRE((!letter.requested || letter.what == nullptr));
  }

private:
  void start(const position& from) {
    auto options = with_.options;
    options.limit = std::make_shared<pace>(with_.rate, 2);
    d_.emplace(options, from);
    last_delivered_ = 0;
  }

  void begin_again() {
    jobs_.clear();
    letters_in_hand_.clear();
    gone_letters_.clear();
    last_asked_ = 0;
    at_fault_ = false;
    was_well_ = false;
    start(now_.at);
    BOOST_REQUIRE(d_->pull_from() == now_.at.where.next);
  }

  [[nodiscard]] bool has_passed(sequence x) const {
    const auto& [next, beyond] = now_.at.where;
    return x < next || std::ranges::any_of(beyond, [x](const auto& range) {
             return range.first <= x && x < range.end;
           });
  }

  [[nodiscard]] std::uint64_t passed() const {
    auto n = now_.at.where.next - 1;
    for (const auto& x : now_.at.where.beyond)
      n += x.end - x.first;
    return n;
  }

  /// Whether an event may be gone without a word.
  [[nodiscard]] bool may_be_dropped(sequence x) const {
    const auto& o = with_.options;
    return o.excess == excess_policy::drop
           || (o.expire && wall_ - log_.at(x).received > *o.expire);
  }

  /// What the other side gets.
  void note(const delivery::job& job) {
    auto& x = jobs_[job.id];
    const auto known = std::exchange(x, {});
    x.in_flight = true;
    x.attempt = job.attempt();
    x.is_digest = job.told.has_value();
    if (!x.is_digest) {
      BOOST_REQUIRE(!job.items.empty());
      BOOST_REQUIRE(job.items.size() <= with_.options.batch);
      for (const auto& one : job.items)
        if (one.letter != 0) {
          x.letters.push_back(one.letter);
          BOOST_REQUIRE(letters_in_hand_.contains(one.letter));
        } else {
          BOOST_REQUIRE(x.letters.empty()); // They stand behind the others.
          BOOST_REQUIRE((x.places.empty() || x.places.back() < one.place));
          BOOST_REQUIRE(log_.is_wanted(one.place));
          BOOST_REQUIRE(one.what->id == id_of(one.place));
          x.places.push_back(one.place);
        }
      return;
    }
    if (known.is_digest) {
      x.places = known.places;
      x.letters = known.letters;
    } else {
      // It tells everything that waits.
      std::set<sequence> elsewhere;
      auto letters = letters_in_hand_;
      for (const auto& [id, other] : jobs_) {
        elsewhere.insert(other.places.begin(), other.places.end());
        for (const auto one : other.letters)
          letters.erase(one);
      }
      for (sequence n = now_.at.where.next; n < d_->pull_from(); ++n)
        if (log_.is_wanted(n) && !has_passed(n) && !elsewhere.contains(n))
          x.places.push_back(n);
      x.letters.assign(letters.begin(), letters.end());
    }
    BOOST_REQUIRE(job.told->sum.events() == x.events());
  }

  void delivered(const sent& x, std::size_t places) {
    for (std::size_t i = 0; i < places; ++i) {
      const auto n = x.places[i];
      BOOST_REQUIRE((now_.fates[n] == fate::none));
      now_.fates[n] = x.is_digest ? fate::told : fate::delivered;
      // One at a time keeps the order of the log.
      if (with_.options.concurrency > 1)
        continue;
      BOOST_REQUIRE(n > last_delivered_);
      last_delivered_ = n;
    }
  }

  void absolved(const sent& x, std::size_t letters) {
    for (std::size_t i = 0; i < letters; ++i) {
      letters_in_hand_.erase(x.letters[i]);
      ++(x.is_digest ? now_.letters_told : now_.letters_delivered);
    }
  }

  /// All of it is delivered, whatever else is wrong.
  static bool is_good(const sent& x, const verdict& v) {
    return v.what == outcome::delivered || v.done >= x.events();
  }

  void judge(std::uint64_t id, sent& x, const verdict& v) {
    const auto done = is_good(x, v) ? x.events() : std::min(v.done, x.events());
    const auto places = std::min(done, x.places.size());
    delivered(x, places);
    absolved(x, done - places);
    x.places.erase(x.places.begin(),
                   x.places.begin() + static_cast<std::ptrdiff_t>(places));
    x.letters.erase(x.letters.begin(),
                    x.letters.begin()
                      + static_cast<std::ptrdiff_t>(done - places));
    if (done > 0)
      x.attempt = 0;
    if (x.events() == 0) {
      jobs_.erase(id);
      return;
    }
    const auto most = with_.options.attempts;
    switch (v.what) {
    case outcome::retry:
    case outcome::slow_down:
      if (most > 0 && x.attempt >= most)
        end(id);
      break;
    case outcome::event_fault:
    case outcome::too_large:
      end(id);
      break;
    default:
      break;
    }
  }

  /// The request is no more; its events wait again, or were given up.
  void end(std::uint64_t id) {
    if (jobs_.at(id).is_digest)
      ended_digest_ = jobs_.at(id);
    jobs_.erase(id);
  }

  void bury(dead_letter x) {
    BOOST_REQUIRE(x.history.size() <= dead_letter::kept_attempts);
    BOOST_REQUIRE(x.attempts >= x.history.size());
    if (x.what == nullptr) {
      auto digest = ended_digest_;
      for (const auto& [id, job] : jobs_)
        if (job.is_digest && !job.in_flight)
          digest = job;
      BOOST_REQUIRE(digest.has_value());
      BOOST_REQUIRE(x.events == digest->places.size());
      for (const auto n : digest->places)
        now_.fates[n] = fate::buried;
      // Letters that it told are as before.
      for (const auto one : digest->letters)
        letters_in_hand_.erase(one);
    } else if (x.id == 0) {
      const auto n = x.what->id.high;
      BOOST_REQUIRE((now_.fates[n] == fate::none));
      now_.fates[n] = fate::buried;
    } else {
      BOOST_REQUIRE(letters_in_hand_.erase(x.id) == 1);
      BOOST_REQUIRE(now_.letters.at(x.id).what->id == x.what->id);
    }
    if (x.id == 0)
      x.id = ++now_.last_letter;
    x.requested = false;
    now_.letters[x.id] = std::move(x);
  }

  /// Before a new digest is looked at: events may have expired.
  void settle_first() {
    ledger_.settle(account_, d_->settled());
    auto x = d_->moved();
    if (!x)
      return;
    BOOST_REQUIRE(x->at.where.next >= now_.at.where.next);
    now_.at = x->at;
    for (auto& one : x->buried)
      bury(std::move(one));
    for (const auto id : x->absolved) {
      BOOST_REQUIRE(now_.letters.contains(id));
      gone_letters_.push_back(now_.letters.at(id));
      now_.letters.erase(id);
    }
    // What has expired is in no request any more.
    for (auto i = jobs_.begin(); i != jobs_.end();) {
      auto& job = (i++)->second;
      if (job.in_flight)
        continue;
      std::erase_if(job.places, [&](sequence n) { return has_passed(n); });
      if (job.events() == 0)
        jobs_.erase(std::prev(i));
    }
  }

  /// As the actor does after each step.
  void settle() {
    settle_first();
    ended_digest_.reset();
    check();
  }

  void check() {
    const auto& [next, beyond] = now_.at.where;
    const auto& terms = now_.at.terms;
    std::map<fate, std::uint64_t> of;
    std::uint64_t not_matched = 0;
    std::uint64_t without_a_word = 0;
    auto range = beyond.begin();
    for (sequence n = 1; n < log_.end(); ++n) {
      const auto what = now_.fates[n];
      while (range != beyond.end() && range->end <= n)
        ++range;
      if (n >= next && (range == beyond.end() || n < range->first)) {
        if (what != fate::none)
          BOOST_FAIL("event " << n << " has ended but was not passed");
        continue;
      }
      ++of[what];
      if (what != fate::none)
        continue;
      if (!log_.is_wanted(n)) {
        ++not_matched;
        continue;
      }
      if (!may_be_dropped(n))
        BOOST_FAIL("event " << n << " is lost");
      ++without_a_word;
    }
    const auto& k = now_;
    BOOST_REQUIRE(terms.not_matched == not_matched);
    BOOST_REQUIRE(terms.delivered == of[fate::delivered] + k.letters_delivered);
    BOOST_REQUIRE(terms.folded == of[fate::told] + k.letters_told);
    BOOST_REQUIRE(terms.dead_lettered
                  == of[fate::buried] - k.letters_delivered - k.letters_told);
    BOOST_REQUIRE(terms.expired + terms.dropped
                  == of[fate::missed] + without_a_word);
    BOOST_REQUIRE(terms.total() == passed());
    check_the_books();
  }

  void check_the_books() {
    const auto& terms = now_.at.terms;
    const auto picture = ledger_.picture();
    BOOST_REQUIRE(picture.imbalance() == 0);
    const auto& x = picture.destinations.at("it");
    BOOST_REQUIRE(x.journaled == log_.end() - 1);
    BOOST_REQUIRE(x.delivered == terms.delivered);
    BOOST_REQUIRE(x.folded == terms.folded);
    BOOST_REQUIRE(x.expired == terms.expired);
    BOOST_REQUIRE(x.dropped == terms.dropped);
    BOOST_REQUIRE(x.dead_lettered + letters_in_hand_.size()
                  == terms.dead_lettered);
    std::uint64_t in_flight = 0;
    for (const auto& [id, job] : jobs_) {
      if (!job.in_flight)
        continue;
      in_flight += job.events();
      for (const auto n : job.places)
        BOOST_REQUIRE(!has_passed(n));
    }
    BOOST_REQUIRE(x.in_flight == in_flight);
  }

  profile with_;
  std::mt19937 random_;
  event_log log_;
  books ledger_;
  books::destination_id account_ = 0;
  std::optional<delivery> d_;
  mono_time clock_{1h};
  wall_time wall_ = noon;
  kept now_;
  kept saved_;
  std::map<std::uint64_t, sent> jobs_;
  std::optional<sent> ended_digest_; ///< In this step.
  std::set<std::uint64_t> letters_in_hand_;
  std::vector<dead_letter> gone_letters_;
  std::uint64_t last_asked_ = 0;
  sequence last_delivered_ = 0;
  bool at_fault_ = false;
  bool was_well_ = false; ///< In this life.
};

profile random_profile(std::uint32_t seed) {
  std::mt19937 random{seed * 7919};
  const auto upto = [&](std::uint32_t n) {
    return static_cast<std::uint32_t>(random() % n);
  };
  profile x;
  auto& o = x.options;
  match_spec ann;
  ann.user = {"LAB/ann"};
  o.wants.match = matcher::compile(ann).value();
  o.batch = 1 + upto(6);
  o.concurrency = 1 + upto(4);
  o.excess = static_cast<excess_policy>(upto(3));
  o.attempts = upto(4);
  o.retry_initial = 1s;
  o.retry_max = 1min;
  o.seed = seed;
  if (upto(3) == 0)
    o.expire = std::chrono::seconds{5 + upto(120)};
  x.rate = std::vector{0.0, 50.0, 0.05}[upto(3)];
  x.wanted_of_ten = upto(2) == 0 ? 10 : 1 + upto(9);
  x.loses = upto(3) == 0;
  return x;
}

void step(world& w) {
  if (w.upto(3) == 0)
    w.append();
  if (w.upto(2) == 0)
    w.pull();
  if (w.upto(40) == 0)
    w.request_letters(false);
  if (w.upto(4) == 0)
    w.revive();
  w.send();
  if (w.has_sent() && w.upto(4) != 0)
    w.answer(true);
  w.pass(w.upto(4) != 0 ? 20ms : 20s);
}

/// All answers are good from now on, until nothing is left to do.
void finish(world& w) {
  w.request_letters(true);
  for (int i = 0; i < 3000 && !w.is_done(); ++i) {
    w.pull();
    w.revive();
    w.send();
    if (w.has_sent())
      w.answer(false);
    else
      w.pass_until_due();
  }
  w.check_the_end();
}

} // namespace

BOOST_AUTO_TEST_CASE(every_event_ends_exactly_once_whatever_the_answers) {
  for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      world w{random_profile(seed), seed};
      for (int i = 0; i < 300; ++i)
        step(w);
      finish(w);
    }
  }
}

BOOST_AUTO_TEST_CASE(no_event_is_lost_wherever_a_life_ends) {
  for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      world w{random_profile(seed), seed};
      for (int i = 0; i < 300; ++i) {
        step(w);
        if (w.upto(5) == 0)
          w.save();
        if (w.upto(40) == 0)
          w.crash();
        else if (w.upto(40) == 0)
          w.fail();
      }
      finish(w);
    }
  }
}
