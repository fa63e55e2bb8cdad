#include "actors/delivery.hpp"
#include "tests/support/events.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace {

constexpr verdict good{};

verdict bad(outcome what) {
  return {what, "it said no", {}, 0};
}

/// A delivery, a clock, and the books. Whatever happens, the books balance, and
/// the terms count exactly the events that the cursor has passed.
struct fixture {
  explicit fixture(delivery::options options, const position& from = {})
    : d(std::move(options), from),
      at(from),
      skipped(from.where.next - 1 - passed_terms{from.terms}.total()) {
    ledger.open_account("it", from.terms, 0);
    account = ledger.account("it");
  }

  void give(event_batch_ptr batch) {
    give(slice_of(d.pull_from(), std::move(batch)));
  }

  void give(std::size_t events, wall_time received = noon) {
    give(batch_of(events, received));
  }

  void give(const slice& x) {
    const auto events = x.end - d.pull_from();
    ledger.parsed({.events = events});
    ledger.journaled(events);
    d.take(x);
    book();
  }

  const delivery::job* next() {
    const auto* x = d.next(now, wall);
    book();
    return x;
  }

  void answer(std::uint64_t job, const verdict& x) {
    d.answered(job, x, now, wall);
    book();
  }

  /// Sends and answers all that can be sent now; answers how many requests.
  std::size_t answer_all(const verdict& x) {
    std::size_t requests = 0;
    for (; const auto* job = next(); ++requests)
      answer(job->id, x);
    return requests;
  }

  void pass(duration dt) {
    now += dt;
    wall += dt;
  }

  /// Goes to the time at which `next` wants to be called.
  void pass_until_due() {
    const auto then = d.wake_at(now);
    BOOST_REQUIRE(then.has_value());
    pass(std::max(duration{0}, duration{*then - now}));
  }

  /// As the actor does after each step.
  void book() {
    ledger.settle(account, d.settled());
    BOOST_TEST(ledger.picture().imbalance() == 0);
    auto x = d.moved();
    if (!x)
      return;
    at = x->at;
    for (auto& one : x->buried)
      letters.push_back(std::move(one));
    absolved.insert(absolved.end(), x->absolved.begin(), x->absolved.end());
    auto passed = at.where.next - 1 - skipped;
    for (const auto& range : at.where.beyond)
      passed += range.end - range.first;
    BOOST_TEST(at.terms.total() == passed);
  }

  [[nodiscard]] destination_terms terms() const {
    return ledger.picture().destinations.at("it");
  }

  delivery d;
  mono_time now{1h};
  wall_time wall = noon;
  books ledger;
  books::destination_id account = 0;
  position at; ///< As last told.
  std::vector<dead_letter> letters;
  std::vector<std::uint64_t> absolved;

private:
  std::uint64_t skipped; ///< Events from before it began.
};

/// At most so many requests a second.
std::shared_ptr<pace> at_most(double per_second, double burst = 1) {
  return std::make_shared<pace>(per_second, burst);
}

delivery::options defaults() {
  delivery::options x;
  x.attempts = 3;
  x.retry_initial = 1s;
  x.retry_max = 1min;
  return x;
}

} // namespace

BOOST_AUTO_TEST_CASE(delivers_one_after_the_other_in_order) {
  fixture f{defaults()};
  f.give(3);
  for (sequence place = 1; place <= 3; ++place) {
    const auto* job = f.next();
    BOOST_REQUIRE(job);
    BOOST_TEST(job->items.front().place == place);
    BOOST_TEST(!f.next()); // One at a time.
    f.answer(job->id, good);
  }
  BOOST_TEST(!f.next());
  BOOST_TEST(f.terms().delivered == 3);
  BOOST_TEST(f.d.idle());
  BOOST_TEST(f.at.where.next == 4);
}

BOOST_AUTO_TEST_CASE(puts_as_many_events_into_a_request_as_it_may) {
  auto options = defaults();
  options.batch = 10;
  fixture f{options};
  f.give(25);
  for (const std::size_t events : {10U, 10U, 5U}) {
    const auto* job = f.next();
    BOOST_REQUIRE(job);
    BOOST_TEST(job->items.size() == events);
    f.answer(job->id, good);
  }
  BOOST_TEST(f.terms().delivered == 25);
}

BOOST_AUTO_TEST_CASE(skips_what_does_not_match_and_moves_the_cursor_past_it) {
  auto options = defaults();
  match_spec spec;
  spec.user = {"LAB/ann"};
  options.wants.match = matcher::compile(spec).value();
  fixture f{options};
  f.give(batch_of({"bob", "ann", "eve"}));
  BOOST_TEST(f.terms().not_matched == 2);
  const auto* job = f.next();
  BOOST_REQUIRE(job);
  BOOST_TEST(job->items.front().what->user_id == "ann");
  BOOST_TEST(f.at.where.next == 2);
  f.answer(job->id, good);
  BOOST_TEST(f.at.where.next == 4);
}

BOOST_AUTO_TEST_CASE(takes_the_journals_word_for_what_does_not_match) {
  auto options = defaults();
  match_spec spec;
  spec.user = {"LAB/ann"};
  options.wants.match = matcher::compile(spec).value();
  fixture f{options};
  const auto batch = batch_of({"ann"});
  slice x;
  x.end = 102;
  x.wanted_from = 101;
  x.batches.push_back({101, batch});
  f.give(x);
  BOOST_TEST(f.terms().not_matched == 100);
  BOOST_TEST(f.terms().dropped == 0);
  const auto* job = f.next();
  BOOST_REQUIRE(job);
  BOOST_TEST(f.at.where.next == 101);
  f.answer(job->id, good);
  BOOST_TEST(f.at.where.next == 102);
}

BOOST_AUTO_TEST_CASE(except_takes_back_what_match_allows) {
  auto options = defaults();
  match_spec spec;
  spec.user = {"LAB/bob"};
  options.wants.except = matcher::compile(spec).value();
  fixture f{options};
  f.give(batch_of({"bob", "ann"}));
  const auto* job = f.next();
  BOOST_REQUIRE(job);
  BOOST_TEST(job->items.front().what->user_id == "ann");
  BOOST_TEST(f.terms().not_matched == 1);
}

BOOST_AUTO_TEST_CASE(tries_again_after_a_pause_that_grows_at_most_to_the_max) {
  auto options = defaults();
  options.attempts = 0;
  fixture f{options};
  f.give(1);
  auto longest = 0ns;
  for (int i = 0; i < 12; ++i) {
    const auto* job = f.next();
    BOOST_REQUIRE(job);
    f.answer(job->id, bad(outcome::retry));
    BOOST_TEST(f.terms().in_flight == 0);
    const auto before = f.now;
    f.pass_until_due();
    longest = std::max<duration>(longest, f.now - before);
  }
  const auto* job = f.next();
  BOOST_REQUIRE(job);
  f.answer(job->id, good);
  BOOST_TEST(f.terms().delivered == 1);
  BOOST_TEST((longest <= 5min)); // The breaker's longest pause.
  BOOST_TEST((longest > 5s));
}

BOOST_AUTO_TEST_CASE(gives_up_after_the_last_attempt_and_says_why) {
  fixture f{defaults()};
  f.give(1);
  for (int i = 0; i < 3; ++i) {
    f.pass(10min);
    const auto* job = f.next();
    BOOST_REQUIRE(job);
    f.answer(job->id, bad(outcome::retry));
  }
  BOOST_TEST(f.terms().dead_lettered == 1);
  BOOST_REQUIRE(f.letters.size() == 1);
  BOOST_TEST((f.letters[0].reason == dead_reason::exhausted));
  BOOST_TEST(f.letters[0].answer == "it said no");
  BOOST_TEST(f.at.where.next == 2);
}

BOOST_AUTO_TEST_CASE(waits_as_long_as_retry_after_asks) {
  fixture f{defaults()};
  f.give(2);
  const auto* job = f.next();
  BOOST_REQUIRE(job);
  f.answer(job->id, {outcome::slow_down, "too fast", 60s, 0});
  f.pass(59s);
  BOOST_TEST(!f.next());
  f.pass(2s);
  const auto* again = f.next();
  BOOST_REQUIRE(again);
  BOOST_TEST(again->items.front().place == 1);
  BOOST_TEST(again->attempt() == 2);
}

BOOST_AUTO_TEST_CASE(isolates_the_poison_by_halving) {
  auto options = defaults();
  options.batch = 8;
  fixture f{options};
  f.give(8);
  constexpr sequence poison = 6;
  std::set<sequence> delivered;
  int requests = 0;
  while (const auto* job = f.next()) {
    ++requests;
    const bool poisoned =
      std::ranges::find(job->items, poison, &delivery::item::place)
      != job->items.end();
    if (!poisoned)
      for (const auto& x : job->items)
        delivered.insert(x.place);
    f.answer(job->id, poisoned ? bad(outcome::event_fault) : good);
  }
  BOOST_TEST(delivered == (std::set<sequence>{1, 2, 3, 4, 5, 7, 8}),
             boost::test_tools::per_element());
  BOOST_TEST(f.terms().delivered == 7);
  BOOST_TEST(f.terms().dead_lettered == 1);
  BOOST_TEST(requests <= 8);
  BOOST_TEST(f.at.where.next == 9);
}

BOOST_AUTO_TEST_CASE(keeps_the_order_of_what_was_split_twice) {
  auto options = defaults();
  options.batch = 5;
  options.concurrency = 3;
  fixture f{options};
  f.give(10);
  const auto one_to_five = f.next()->id;
  const auto six_to_ten = f.next()->id;
  f.answer(six_to_ten, bad(outcome::event_fault));
  const auto six_and_seven = f.next()->id;
  f.answer(one_to_five, bad(outcome::event_fault));
  const auto one_and_two = f.next()->id;
  const auto three_and_four = f.next()->id;
  f.answer(one_and_two, good);
  const auto* five_and_eight = f.next();
  BOOST_REQUIRE(five_and_eight->items.size() == 2);
  BOOST_TEST(five_and_eight->items[0].place == 5);
  BOOST_TEST(five_and_eight->items[1].place == 8);
  f.answer(six_and_seven, bad(outcome::event_fault));
  f.answer(five_and_eight->id, bad(outcome::event_fault));
  f.answer(three_and_four, good);
  for (sequence place = 5; place <= 8; ++place) {
    const auto* job = f.next();
    BOOST_REQUIRE(job);
    BOOST_TEST(job->items.front().place == place);
    f.answer(job->id, good);
    BOOST_TEST(f.at.where.next == place + 1);
  }
}

BOOST_AUTO_TEST_CASE(sends_only_what_was_not_acknowledged_again) {
  auto options = defaults();
  options.batch = 4;
  fixture f{options};
  f.give(4);
  const auto* job = f.next();
  BOOST_REQUIRE(job);
  f.answer(job->id, {outcome::retry, "connection lost", {}, 3});
  BOOST_TEST(f.terms().delivered == 3);
  BOOST_TEST(f.at.where.next == 4);
  f.pass(1min);
  const auto* again = f.next();
  BOOST_REQUIRE(again);
  BOOST_REQUIRE(again->items.size() == 1);
  BOOST_TEST(again->items.front().place == 4);
}

BOOST_AUTO_TEST_CASE(keeps_to_the_rate) {
  auto options = defaults();
  options.limit = at_most(1);
  fixture f{options};
  f.give(5);
  std::vector<mono_time> sent;
  while (!f.d.idle()) {
    if (const auto* job = f.next()) {
      sent.push_back(f.now);
      f.answer(job->id, good);
    } else {
      f.pass_until_due();
    }
  }
  BOOST_REQUIRE(sent.size() == 5);
  for (std::size_t i = 1; i < sent.size(); ++i)
    BOOST_TEST((sent[i] - sent[i - 1] >= 1s));
}

BOOST_AUTO_TEST_CASE(folds_a_storm_into_digests_and_then_sends_single_again) {
  auto options = defaults();
  options.limit = at_most(1);
  options.excess = excess_policy::digest;
  fixture f{options};
  std::uint64_t singles = 0;
  std::uint64_t digests = 0;
  std::uint64_t told = 0;
  const auto send_what_is_due = [&] {
    while (const auto* job = f.next()) {
      (job->told ? digests : singles) += 1;
      told += job->events();
      f.answer(job->id, good);
    }
  };
  for (int tick = 0; tick < 1000; ++tick) { // 100,000 events in 10 seconds
    f.give(100);
    send_what_is_due();
    f.pass(10ms);
  }
  BOOST_TEST(singles + digests <= 12);
  f.pass(2s);
  send_what_is_due();
  BOOST_TEST(told == 100'000);
  BOOST_TEST(f.terms().delivered == singles);
  BOOST_TEST(f.terms().folded == 100'000 - singles);
  BOOST_TEST(f.at.where.next == 100'001);
  f.pass(5s);
  f.give(1);
  const auto* job = f.next();
  BOOST_REQUIRE(job);
  BOOST_TEST(!job->told);
}

BOOST_AUTO_TEST_CASE(a_digest_that_fails_is_sent_again_whole) {
  auto options = defaults();
  options.limit = at_most(1);
  options.excess = excess_policy::digest;
  fixture f{options};
  f.give(10);
  const auto* first = f.next();
  BOOST_REQUIRE(first);
  f.answer(first->id, good);
  BOOST_TEST(!f.next());
  f.pass(1s);
  const auto* sum = f.next();
  BOOST_REQUIRE(sum);
  BOOST_REQUIRE(sum->told);
  f.answer(sum->id, bad(outcome::retry));
  BOOST_TEST(f.terms().folded == 0);
  f.pass(1min);
  const auto* again = f.next();
  BOOST_REQUIRE(again);
  BOOST_TEST(again->events() == 9);
  f.answer(again->id, good);
  BOOST_TEST(f.terms().folded == 9);
}

BOOST_AUTO_TEST_CASE(drops_what_exceeds_the_rate_when_told_so) {
  auto options = defaults();
  options.limit = at_most(1);
  options.excess = excess_policy::drop;
  fixture f{options};
  f.give(10);
  const auto* job = f.next();
  BOOST_REQUIRE(job);
  f.answer(job->id, good);
  BOOST_TEST(!f.next());
  BOOST_TEST(f.terms().dropped == 9);
  BOOST_TEST(f.d.idle());
}

BOOST_AUTO_TEST_CASE(forgets_what_is_too_old_to_matter) {
  auto options = defaults();
  options.expire = 10min;
  fixture f{options};
  f.give(2, noon - 11min);
  f.give(1, noon);
  const auto* job = f.next();
  BOOST_REQUIRE(job);
  BOOST_TEST(job->items.front().place == 3);
  BOOST_TEST(f.terms().expired == 2);
}

BOOST_AUTO_TEST_CASE(a_fault_of_the_destination_costs_no_attempt) {
  auto options = defaults();
  options.attempts = 2;
  options.expire = 1h;
  fixture f{options};
  f.give(1);
  for (int i = 0; i < 5; ++i) {
    const auto* job = f.next();
    BOOST_REQUIRE(job);
    f.answer(job->id, bad(outcome::destination_fault));
    BOOST_TEST((f.d.circuit() == breaker_state::open));
    f.pass_until_due();
  }
  BOOST_TEST(f.terms().dead_lettered == 0);
  f.pass(2h);
  BOOST_TEST(!f.next());
  // Too old now, and not because we were slow: a dead letter.
  BOOST_TEST(f.terms().dead_lettered == 1);
  BOOST_TEST(f.terms().expired == 0);
}

BOOST_AUTO_TEST_CASE(an_open_breaker_lets_one_probe_through) {
  auto options = defaults();
  options.concurrency = 4;
  options.attempts = 0;
  fixture f{options};
  f.give(8);
  std::vector<std::uint64_t> out;
  while (const auto* job = f.next())
    out.push_back(job->id);
  BOOST_TEST(out.size() == 4);
  for (const auto id : out)
    f.answer(id, bad(outcome::destination_fault));
  BOOST_TEST(!f.next());
  f.pass(10min);
  const auto* probe = f.next();
  BOOST_REQUIRE(probe);
  BOOST_TEST(!f.next());
  BOOST_TEST(!f.d.wake_at(f.now)); // The probe's answer decides.
  f.answer(probe->id, good);
  BOOST_TEST(f.next());
}

BOOST_AUTO_TEST_CASE(concurrency_remembers_what_is_done_beyond_the_cursor) {
  auto options = defaults();
  options.concurrency = 3;
  fixture f{options};
  f.give(3);
  const auto first = f.next()->id;
  const auto second = f.next()->id;
  const auto third = f.next()->id;
  f.answer(third, good);
  BOOST_TEST(f.at.where.next == 1);
  BOOST_REQUIRE(f.at.where.beyond.size() == 1);
  BOOST_TEST((f.at.where.beyond[0] == sequence_range{3, 4}));
  f.answer(first, good);
  BOOST_TEST(f.at.where.next == 2);
  f.answer(second, good);
  BOOST_TEST(f.at.where.next == 4);
  BOOST_TEST(f.at.where.beyond.empty());
}

BOOST_AUTO_TEST_CASE(a_new_life_does_not_repeat_what_was_done_beyond) {
  delivery d{defaults(), {{1, {{2, 4}}}, {.delivered = 2}}};
  d.take(slice_of(1, batch_of(4)));
  std::vector<sequence> places;
  while (const auto* job = d.next(mono_time{1h}, noon)) {
    places.push_back(job->items.front().place);
    d.answered(job->id, good, mono_time{1h}, noon);
  }
  BOOST_TEST(places == (std::vector<sequence>{1, 4}),
             boost::test_tools::per_element());
  BOOST_TEST((d.moved().value().at == position{{5, {}}, {.delivered = 4}}));
}

BOOST_AUTO_TEST_CASE(counts_what_the_journal_had_to_drop) {
  fixture f{defaults()};
  f.give(2);
  f.give(slice_of(10, batch_of(1)));
  BOOST_TEST(f.terms().dropped == 7);
  BOOST_TEST(f.d.pull_from() == 11);
}

BOOST_AUTO_TEST_CASE(asks_for_no_more_than_it_can_hold) {
  fixture f{defaults()};
  while (f.d.wanted() > 0)
    f.give(64);
  BOOST_TEST(f.d.pull_from() < 400);
}

// -- dead letters -------------------------------------------------------------

namespace {

/// The letter of an event, as the store gives it back.
dead_letter asked_for_again(std::uint64_t id, const dead_letter& x) {
  auto out = x;
  out.id = id;
  out.requested = true;
  return out;
}

/// A fixture with one letter, of the event of `user`, that was refused.
struct buried_fixture : fixture {
  explicit buried_fixture(delivery::options options)
    : fixture(std::move(options)) {
    give(batch_of({"ann"}));
    answer(next()->id, bad(outcome::event_fault));
    BOOST_REQUIRE(letters.size() == 1);
    letter = asked_for_again(7, letters.front());
    letters.clear();
  }

  dead_letter letter;
};

} // namespace

BOOST_AUTO_TEST_CASE(a_letter_tells_the_first_attempt_and_the_last_ones) {
  auto options = defaults();
  options.attempts = 15;
  fixture f{options};
  f.give(batch_of({"ann"}));
  for (int i = 1; i <= 15; ++i) {
    const auto* job = f.next();
    BOOST_REQUIRE(job);
    f.answer(job->id, {outcome::retry, "no. " + std::to_string(i), {}, 0});
    if (i < 15)
      f.pass_until_due();
  }
  BOOST_REQUIRE(f.letters.size() == 1);
  const auto& x = f.letters[0];
  BOOST_TEST(x.id == 0);
  BOOST_TEST((x.reason == dead_reason::exhausted));
  BOOST_TEST(x.answer == "no. 15");
  BOOST_TEST((x.buried == f.wall));
  BOOST_TEST(x.attempts == 15);
  BOOST_TEST(x.events == 1);
  BOOST_TEST(x.what->user_id == "ann");
  BOOST_REQUIRE(x.history.size() == dead_letter::kept_attempts);
  BOOST_TEST((x.history.front().at == noon));
  BOOST_TEST(x.history[0].answer == "no. 1");
  BOOST_TEST(x.history[1].answer == "no. 7");
  BOOST_TEST(x.history[9].answer == "no. 15");
  BOOST_TEST((x.history[9].at == f.wall));
}

BOOST_AUTO_TEST_CASE(what_is_refused_is_buried_at_once) {
  fixture f{defaults()};
  f.give(2);
  f.answer(f.next()->id, bad(outcome::event_fault));
  BOOST_REQUIRE(f.letters.size() == 1);
  BOOST_TEST((f.letters[0].reason == dead_reason::refused));
  BOOST_TEST(f.letters[0].attempts == 1);
  BOOST_TEST(f.letters[0].history.size() == 1);
  BOOST_TEST((f.d.circuit() == breaker_state::closed));
  BOOST_TEST(f.next()->items.front().place == 2);
}

BOOST_AUTO_TEST_CASE(a_letter_counts_attempts_that_were_not_its_own_fault) {
  auto options = defaults();
  options.attempts = 1;
  fixture f{options};
  f.give(1);
  for (int i = 0; i < 20; ++i) {
    f.answer(f.next()->id, bad(outcome::destination_fault));
    f.pass_until_due();
  }
  f.answer(f.next()->id, bad(outcome::retry));
  BOOST_REQUIRE(f.letters.size() == 1);
  BOOST_TEST((f.letters[0].reason == dead_reason::exhausted));
  BOOST_TEST(f.letters[0].attempts == 21);
}

BOOST_AUTO_TEST_CASE(what_expires_while_the_destination_is_at_fault_is_buried) {
  auto options = defaults();
  options.expire = 10min;
  options.concurrency = 2;
  fixture f{options};
  f.give(batch_of({"ann", "bob", "eve"}));
  const auto ann = f.next()->id;
  const auto bob = f.next()->id;
  f.answer(ann, bad(outcome::destination_fault));
  f.answer(bob, bad(outcome::retry));
  f.pass(11min);
  BOOST_TEST(!f.next());
  BOOST_TEST(f.terms().expired == 0);
  BOOST_TEST(f.terms().dead_lettered == 3);
  BOOST_REQUIRE(f.letters.size() == 3);
  std::multiset<std::string> tried;
  for (const auto& x : f.letters) {
    BOOST_TEST((x.reason == dead_reason::unavailable));
    BOOST_TEST(x.answer == "it said no");
    BOOST_TEST(x.attempts == x.history.size());
    tried.insert(std::string{x.what->user_id} + std::to_string(x.attempts));
  }
  BOOST_TEST(tried == (std::multiset<std::string>{"ann1", "bob1", "eve0"}),
             boost::test_tools::per_element());
  BOOST_TEST(f.at.where.next == 4);
  BOOST_TEST(f.d.idle());
  // The same in good times is merely late.
  fixture g{options};
  g.give(1);
  g.pass(11min);
  BOOST_TEST(!g.next());
  BOOST_TEST(g.terms().expired == 1);
  BOOST_TEST(g.letters.empty());
}

BOOST_AUTO_TEST_CASE(heals_once_after_a_fault_of_the_destination) {
  fixture f{defaults()};
  f.give(4);
  f.answer(f.next()->id, good);
  BOOST_TEST(f.d.healed()); // A former life may have found it at fault.
  BOOST_TEST(!f.d.healed());
  f.answer(f.next()->id, bad(outcome::retry));
  f.pass(1min);
  f.answer(f.next()->id, good);
  BOOST_TEST(!f.d.healed()); // It was only away for a while.
  f.answer(f.next()->id, bad(outcome::destination_fault));
  BOOST_TEST(!f.d.healed());
  f.pass(1min);
  f.answer(f.next()->id, bad(outcome::retry));
  BOOST_TEST(!f.d.healed());
  f.pass(1min);
  f.answer(f.next()->id, good);
  BOOST_TEST(f.d.healed());
  BOOST_TEST(!f.d.healed());
  f.answer(f.next()->id, good);
  BOOST_TEST(!f.d.healed());
}

BOOST_AUTO_TEST_CASE(a_letter_is_sent_again_behind_what_waits) {
  buried_fixture f{defaults()};
  f.give(batch_of({"bob"}));
  BOOST_TEST(f.d.wanted_letters() > 0);
  f.d.revive({f.letter});
  f.book();
  BOOST_TEST(f.d.wanted_letters() == 0);
  BOOST_TEST(f.terms().dead_lettered == 0);
  BOOST_TEST(f.terms().waiting == 2);
  BOOST_TEST(f.at.terms.dead_lettered == 1); // As long as it is in hand.
  const auto* first = f.next();
  BOOST_REQUIRE(first);
  BOOST_TEST(first->items.front().what->user_id == "bob");
  f.answer(first->id, good);
  const auto* again = f.next();
  BOOST_REQUIRE(again);
  BOOST_TEST(again->items.front().what->user_id == "ann");
  BOOST_TEST((again->items.front().what->id == f.letter.what->id));
  BOOST_TEST(again->items.front().letter == 7);
  BOOST_TEST(f.absolved.empty());
  f.answer(again->id, good);
  BOOST_TEST(f.absolved == std::vector<std::uint64_t>{7},
             boost::test_tools::per_element());
  BOOST_TEST(f.terms().delivered == 2);
  BOOST_TEST(f.terms().dead_lettered == 0);
  BOOST_TEST(f.d.idle());
  // The store may show it once more before it knows.
  f.d.revive({f.letter});
  BOOST_TEST(f.d.idle());
}

BOOST_AUTO_TEST_CASE(a_letter_that_fails_again_is_buried_under_its_id) {
  auto options = defaults();
  options.expire = 10min;
  buried_fixture f{options};
  f.pass(2h); // However old: somebody wants it.
  f.d.revive({f.letter, f.letter});
  f.book();
  for (int i = 0; i < 3; ++i) {
    const auto* job = f.next();
    BOOST_REQUIRE(job);
    BOOST_TEST(job->items.size() == 1);
    f.answer(job->id, bad(outcome::retry));
    f.pass(10min);
  }
  BOOST_TEST(!f.next());
  BOOST_REQUIRE(f.letters.size() == 1);
  BOOST_TEST(f.letters[0].id == 7);
  BOOST_TEST((f.letters[0].reason == dead_reason::exhausted));
  BOOST_TEST(f.letters[0].attempts == 3);
  BOOST_TEST(f.letters[0].what == f.letter.what);
  BOOST_TEST(f.terms().dead_lettered == 1);
  BOOST_TEST(f.at.terms.dead_lettered == 1);
  BOOST_TEST(f.d.wanted_letters() > 0);
}

BOOST_AUTO_TEST_CASE(letters_of_a_former_account_come_on_top) {
  fixture f{defaults()};
  auto old = dead_letter{};
  old.id = 3;
  old.batch = batch_of({"ann"});
  old.what = old.batch->events.data();
  f.d.revive({old});
  const auto terms = [&] {
    f.ledger.settle(f.account, f.d.settled());
    BOOST_TEST(f.ledger.picture().imbalance() == 0);
    return f.terms();
  };
  BOOST_TEST(terms().journaled == 1);
  const auto* job = f.d.next(f.now, f.wall);
  BOOST_REQUIRE(job);
  f.d.answered(job->id, good, f.now, f.wall);
  BOOST_TEST(terms().delivered == 1);
  BOOST_TEST(terms().waiting + terms().in_flight == 0);
}

BOOST_AUTO_TEST_CASE(a_digest_that_failed_too_often_grows) {
  auto options = defaults();
  options.limit = at_most(1);
  options.excess = excess_policy::digest;
  options.attempts = 2;
  options.retry_initial = 0s;
  fixture f{options};
  f.give(10);
  f.answer(f.next()->id, good);
  BOOST_TEST(!f.next());
  std::uint64_t told = 9;
  for (int i = 0; i < 6; ++i) {
    f.pass(10min);
    const auto* job = f.next();
    BOOST_REQUIRE(job);
    BOOST_REQUIRE(job->told);
    BOOST_TEST(job->events() == told);
    BOOST_TEST((job->told->first == id_of(2)));
    f.answer(job->id, bad(outcome::retry));
    if (job = f.next(); i % 2 == 1) { // That was its last attempt.
      f.give(5);
      told += 5;
    }
    BOOST_TEST(!job);
  }
  BOOST_TEST(f.letters.empty());
  BOOST_TEST(f.at.where.next == 2);
  f.pass(10min);
  const auto* job = f.next();
  BOOST_REQUIRE(job);
  BOOST_TEST(job->events() == told);
  f.answer(job->id, good);
  BOOST_TEST(f.terms().folded == told);
  BOOST_TEST(f.at.where.next == 26);
}

BOOST_AUTO_TEST_CASE(a_digest_that_fails_takes_up_what_was_folded_meanwhile) {
  auto options = defaults();
  options.limit = at_most(1);
  options.excess = excess_policy::digest;
  options.attempts = 1;
  match_spec ann;
  ann.user = {"LAB/ann"};
  options.wants.match = matcher::compile(ann).value();
  fixture f{options};
  const auto give_some = [&f](int times) {
    for (int i = 0; i < times; ++i)
      f.give(batch_of({"bob", "ann", "bob"}));
  };
  give_some(10);
  f.answer(f.next()->id, good);
  BOOST_TEST(!f.next());
  f.pass(1s);
  const auto* first = f.next();
  BOOST_REQUIRE(first);
  BOOST_TEST(first->events() == 9);
  give_some(100);
  BOOST_TEST(!f.next()); // A storm: it is folded at once.
  BOOST_TEST(f.at.where.next == 5);
  f.answer(first->id, bad(outcome::retry));
  BOOST_TEST(f.at.where.next == 5);
  f.pass(10s);
  const auto* second = f.next();
  BOOST_REQUIRE(second);
  BOOST_TEST(second->events() == 109);
  BOOST_TEST((second->told->range == sequence_range{5, 330}));
  f.answer(second->id, good);
  BOOST_TEST(f.terms().folded == 109);
  BOOST_TEST(f.terms().not_matched == 220);
  BOOST_TEST(f.at.where.next == 331);
  BOOST_TEST(f.d.idle());
}

BOOST_AUTO_TEST_CASE(a_digest_that_is_refused_is_one_letter_of_many_events) {
  auto options = defaults();
  options.limit = at_most(1);
  options.excess = excess_policy::digest;
  buried_fixture f{options};
  f.give(10);
  f.d.revive({f.letter});
  f.book();
  BOOST_TEST(!f.next());
  f.pass(1s);
  const auto* job = f.next();
  BOOST_REQUIRE(job);
  BOOST_TEST(job->events() == 11);
  f.answer(job->id, bad(outcome::event_fault));
  BOOST_REQUIRE(f.letters.size() == 1);
  const auto& x = f.letters[0];
  BOOST_TEST((x.reason == dead_reason::refused));
  BOOST_TEST(x.events == 10); // The letter in it keeps its own record.
  BOOST_TEST(x.what == nullptr);
  BOOST_TEST(x.batch == nullptr);
  BOOST_TEST(f.terms().dead_lettered == 11);
  BOOST_TEST(f.at.where.next == 12);
  BOOST_TEST(f.d.idle());
  // There is nothing to send again but the other one.
  auto digest = asked_for_again(8, x);
  f.d.revive({digest, f.letter});
  f.book();
  BOOST_TEST(f.terms().dead_lettered == 10);
  // One alone is no storm.
  f.pass(1s);
  job = f.next();
  BOOST_REQUIRE(job);
  BOOST_TEST(!job->told);
}

BOOST_AUTO_TEST_CASE(a_digest_tells_letters_too_and_absolves_them) {
  auto options = defaults();
  options.limit = at_most(1);
  options.excess = excess_policy::digest;
  buried_fixture f{options};
  f.give(batch_of({"bob"}));
  f.pass(1s);
  f.answer(f.next()->id, bad(outcome::event_fault));
  BOOST_REQUIRE(f.letters.size() == 1);
  auto other = asked_for_again(8, f.letters[0]);
  f.letters.clear();
  f.give(70);
  f.d.revive({f.letter, other});
  f.book();
  BOOST_TEST(!f.next()); // A storm: all of it is folded.
  f.pass(1s);
  f.answer(f.next()->id, good);
  BOOST_TEST(f.absolved.size() == 2);
  BOOST_TEST(f.terms().folded == 72);
  BOOST_TEST(f.terms().dead_lettered == 0);
}

// -- pace ---------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_429_slows_all_that_share_the_pace) {
  auto options = defaults();
  options.limit = at_most(10);
  fixture a{options};
  fixture b{options};
  a.give(1000);
  b.give(1000);
  const auto rate_of_both = [&] {
    std::size_t requests = 0;
    for (int i = 0; i < 200; ++i) { // Two seconds.
      for (auto* x : {&a, &b}) {
        requests += x->answer_all(good);
        x->pass(10ms);
      }
    }
    return static_cast<double>(requests) / 2;
  };
  BOOST_TEST(rate_of_both() > 9);
  const auto* job = a.next();
  for (; !job; job = a.next())
    for (auto* x : {&a, &b})
      x->pass(10ms);
  a.answer(job->id, bad(outcome::slow_down));
  BOOST_TEST(b.d.rate(b.now) <= 5);
  const auto slow = rate_of_both();
  BOOST_TEST(slow > 3);
  BOOST_TEST(slow < 7);
  // It recovers by itself.
  for (auto* x : {&a, &b})
    x->pass(2min);
  BOOST_TEST(a.d.rate(a.now) == 10);
}

BOOST_AUTO_TEST_CASE(retry_after_silences_all_that_share_the_pace) {
  auto options = defaults();
  options.limit = at_most(0); // Unlimited, but for the pause.
  fixture a{options};
  fixture b{options};
  a.give(2);
  b.give(2);
  b.answer(b.next()->id, good);
  a.answer(a.next()->id, {outcome::slow_down, "too fast", 60s, 0});
  for (int i = 0; i < 59; ++i) {
    BOOST_TEST(!a.next());
    BOOST_TEST(!b.next());
    a.pass(1s);
    b.pass(1s);
  }
  BOOST_TEST((b.d.wake_at(b.now) == b.now + 1s));
  a.pass(1s);
  b.pass(1s);
  BOOST_TEST(a.next()->attempt() == 2);
  BOOST_TEST(b.next()->items.front().place == 2);
}

namespace {

struct traffic {
  std::uint64_t first_attempts = 0;
  std::uint64_t retries = 0;
};

/// Runs for a while; each request is answered 100 ms later, and `succeeds`
/// says how.
template <class F>
traffic run_for(fixture& f, duration time, F succeeds) {
  traffic x;
  std::deque<std::pair<mono_time, std::uint64_t>> out;
  for (const auto end = f.now + time; f.now < end; f.pass(100ms)) {
    if (f.d.wanted() > 0)
      f.give(100);
    while (!out.empty() && out.front().first <= f.now) {
      f.answer(out.front().second, succeeds() ? good : bad(outcome::retry));
      out.pop_front();
    }
    while (const auto* job = f.next()) {
      ++(job->attempt() == 1 ? x.first_attempts : x.retries);
      out.emplace_back(f.now + 100ms, job->id);
    }
  }
  return x;
}

} // namespace

BOOST_AUTO_TEST_CASE(an_outage_costs_few_requests_whatever_the_concurrency) {
  auto options = defaults();
  options.concurrency = 50;
  options.attempts = 0;
  options.retry_initial = 100ms;
  fixture f{options};
  const auto x = run_for(f, 10min, [] { return false; });
  BOOST_TEST(x.first_attempts == 50);
  BOOST_TEST(x.retries <= 20); // The breaker's probes.
  BOOST_TEST(f.terms().delivered == 0);
  f.pass(5min);
  const auto after = run_for(f, 1min, [] { return true; });
  BOOST_TEST(f.terms().dead_lettered == 0);
  BOOST_TEST(f.at.where.next > 1000);
  BOOST_TEST(after.retries == 50);
}

BOOST_AUTO_TEST_CASE(the_budget_bounds_retries_while_some_requests_succeed) {
  auto options = defaults();
  options.concurrency = 50;
  options.attempts = 0;
  options.retry_initial = 100ms;
  fixture f{options};
  int n = 0; // The breaker stays closed: each third request succeeds.
  const auto x = run_for(f, 5min, [&n] { return ++n % 3 == 0; });
  constexpr auto seconds = 300U;
  BOOST_TEST(x.retries <= x.first_attempts / retry_budget::requests_a_retry
                            + seconds + retry_budget::reserve);
  BOOST_TEST(x.retries > seconds / 2);
  BOOST_TEST(f.terms().dead_lettered == 0);
}
