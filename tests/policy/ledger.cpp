#include "policy/ledger.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace signalbox;

namespace {

constexpr auto huge = std::numeric_limits<std::uint64_t>::max();

/// Opens the account of a destination that begins now.
books::destination_id open_new(books& x, const std::string& name) {
  x.open_account(name, {}, 0);
  return x.account(name);
}

/// Ten datagrams with twelve events, received and parsed.
void parse_twelve(books& x) {
  x.received(10);
  x.parsed({.parsed = 8, .malformed = 1, .encoding = 1, .events = 12});
}

} // namespace

BOOST_AUTO_TEST_CASE(balances_while_an_event_is_on_its_way) {
  books x;
  const auto slack = open_new(x, "slack");
  const auto balanced = [&x] {
    const auto picture = x.picture();
    BOOST_TEST(picture.imbalance() == 0U);
    BOOST_TEST(!picture.at_rest());
  };
  x.received(10);
  balanced();
  x.parsed({.parsed = 8, .malformed = 1, .encoding = 1, .events = 12});
  balanced();
  x.limited({.excluded = {1, 2}, .limited = {3}, .duplicate = 1});
  balanced();
  x.shed(1);
  balanced();
  x.journaled(4);
  balanced();
  x.settle(slack, {.taken = 2, .not_matched = 1});
  balanced();
  x.settle(slack, {.taken = 1, .delivered = 1});
  balanced();
  x.settle(slack, {.folded = 1, .dead_lettered = 1});
  const auto end = x.picture();
  BOOST_TEST(end.imbalance() == 0U);
  BOOST_TEST(end.at_rest());
  BOOST_TEST(end.ingest.received == 10U);
  BOOST_TEST(end.ingest.parsed == 8U);
  BOOST_TEST(end.events.parsed == 12U);
  BOOST_TEST(end.events.excluded == 3U);
  BOOST_TEST(end.events.limited == 3U);
  BOOST_TEST(end.events.journaled == 4U);
  const auto& terms = end.destinations.at("slack");
  BOOST_TEST(terms.journaled == 4U);
  BOOST_TEST(terms.not_matched == 1U);
  BOOST_TEST(terms.delivered == 1U);
  BOOST_TEST(terms.folded == 1U);
  BOOST_TEST(terms.dead_lettered == 1U);
}

BOOST_AUTO_TEST_CASE(is_at_rest_before_anything_arrives) {
  books x;
  open_new(x, "slack");
  BOOST_TEST(x.picture().at_rest());
  BOOST_TEST(x.picture().imbalance() == 0U);
}

BOOST_AUTO_TEST_CASE(shows_what_moves_that_was_never_there) {
  struct row {
    std::string_view what;
    void (*fault)(books&);
    std::uint64_t imbalance;
  };
  const std::vector<row> rows{
    {"a datagram parsed twice",
     [](books& x) { x.parsed({.parsed = 1, .malformed = 1}); }, 2},
    {"an event dropped twice",
     [](books& x) { x.limited({.excluded = {13}, .limited = {}}); }, 1},
    {"an event journaled twice", [](books& x) { x.journaled(15); }, 3},
    {"an event shed twice", [](books& x) { x.shed(13); }, 1},
    {"an event delivered that nobody took",
     [](books& x) { x.settle(0, {.delivered = 4}); }, 4},
    {"an event taken that did not wait",
     [](books& x) { x.settle(0, {.taken = 5}); }, 5},
    {"an absurd number", [](books& x) { x.settle(0, {.delivered = huge}); },
     huge},
  };
  for (const auto& [what, fault, imbalance] : rows) {
    BOOST_TEST_CONTEXT(what) {
      books x;
      BOOST_REQUIRE(open_new(x, "slack") == 0U);
      parse_twelve(x);
      fault(x);
      BOOST_TEST(x.picture().imbalance() == imbalance);
    }
  }
}

BOOST_AUTO_TEST_CASE(sums_up_each_term_that_is_wrong) {
  ledger x;
  x.ingest.received = 5;
  x.ingest.parsed = 3;
  x.events.journaled = 4;
  x.destinations["a"].journaled = 1;
  x.destinations["b"].delivered = 1;
  BOOST_TEST(x.imbalance() == 2U + 4U + 1U + 1U);
  // Faults in opposite directions do not make up for each other, and no sum
  // wraps around to a balance.
  x = {};
  x.events.journaled = huge;
  x.events.shed = 1;
  BOOST_TEST(x.imbalance() == huge);
}

BOOST_AUTO_TEST_CASE(adds_up_kernel_drops) {
  books x;
  x.kernel_dropped(7, "boot/1", 7);
  x.kernel_dropped(9, "boot/2", 4'000'000'009);
  x.kernel_dropped(1, "boot/1", 8);
  BOOST_TEST(x.picture().ingest.kernel_dropped == 17U);
  const std::map<std::string, std::uint64_t> counters{
    {"boot/1", 8}, {"boot/2", 4'000'000'009}};
  BOOST_TEST((x.picture().socket_drops == counters));
  BOOST_TEST(x.picture().imbalance() == 0U);
}

BOOST_AUTO_TEST_CASE(waits_only_where_the_destination_existed) {
  books x;
  open_new(x, "old");
  parse_twelve(x);
  x.journaled(5);
  open_new(x, "new");
  x.journaled(7);
  const auto picture = x.picture();
  BOOST_TEST(picture.destinations.at("old").waiting == 12U);
  BOOST_TEST(picture.destinations.at("new").waiting == 7U);
  BOOST_TEST(picture.destinations.at("new").journaled == 7U);
  BOOST_TEST(picture.imbalance() == 0U);
}

BOOST_AUTO_TEST_CASE(continues_a_destination_of_the_same_name) {
  books x;
  const auto first = open_new(x, "slack");
  open_new(x, "file");
  parse_twelve(x);
  x.journaled(12);
  x.settle(first, {.taken = 12, .delivered = 12});
  // Whoever opens it again changes nothing.
  x.open_account("slack", {.delivered = 5}, 7);
  BOOST_TEST(x.account("slack") == first);
  BOOST_TEST(x.picture().destinations.at("slack").delivered == 12U);
  BOOST_TEST(x.picture().destinations.size() == 2U);
}

BOOST_AUTO_TEST_CASE(counts_what_the_journal_had_no_room_for) {
  books x;
  const auto slack = open_new(x, "slack");
  parse_twelve(x);
  x.journaled(12);
  x.settle(slack, {.taken = 1, .missed = 10, .dropped = 1});
  const auto terms = x.picture().destinations.at("slack");
  BOOST_TEST(terms.dropped == 11U);
  BOOST_TEST(terms.waiting == 1U);
  BOOST_TEST(terms.in_flight == 0U);
}

BOOST_AUTO_TEST_CASE(counts_by_the_names_of_rules) {
  books x;
  x.name_rules({"services", "robots"}, {"per user"});
  parse_twelve(x);
  x.limited({.excluded = {1, 2}, .limited = {3}, .duplicate = 0});
  // After a reload the order is another one, and a rule is gone.
  x.name_rules({"new", "services"}, {});
  x.limited({.excluded = {1, 1}, .limited = {}, .duplicate = 0});
  auto picture = x.picture();
  const std::map<std::string, std::uint64_t> excluded{
    {"new", 1}, {"robots", 2}, {"services", 2}};
  BOOST_TEST((picture.excluded_by_rule == excluded));
  BOOST_TEST(picture.limited_by_rule.at("per user") == 3U);
  // What comes back continues.
  x.name_rules({"robots"}, {"per user"});
  x.limited({.excluded = {1}, .limited = {1}, .duplicate = 0});
  picture = x.picture();
  BOOST_TEST(picture.excluded_by_rule.at("robots") == 3U);
  BOOST_TEST(picture.limited_by_rule.at("per user") == 4U);
  BOOST_TEST(picture.imbalance() == 0U);
}

BOOST_AUTO_TEST_CASE(counts_rules_that_nobody_named) {
  books x;
  parse_twelve(x);
  x.limited({.excluded = {1, 2}, .limited = {}, .duplicate = 0});
  BOOST_TEST(x.picture().events.excluded == 3U);
  BOOST_TEST(x.picture().excluded_by_rule.at("unnamed") == 3U);
}

BOOST_AUTO_TEST_CASE(knows_an_empty_settlement) {
  BOOST_TEST(settlement{}.empty());
  BOOST_TEST(!settlement{.taken = 1}.empty());
  BOOST_TEST(!settlement{.dropped = 1}.empty());
}

namespace {

/// Moves random numbers of events through the books, and never more than are
/// there.
class random_railway {
public:
  explicit random_railway(unsigned seed) : random_(seed) {
    ids_ = {open_new(books_, "a"), open_new(books_, "b")};
  }

  void step() {
    const auto now = books_.picture();
    switch (random_() % 6) {
    case 0:
      books_.received(random_() % 64);
      break;
    case 1: {
      const auto good = up_to(now.ingest.in_flight);
      const auto bad = up_to(now.ingest.in_flight - good);
      books_.parsed(
        {.parsed = good, .malformed = bad, .events = good + random_() % 3});
      break;
    }
    case 2: {
      const auto dropped = up_to(now.events.in_flight);
      books_.limited({.excluded = {dropped},
                      .limited = {},
                      .duplicate = up_to(now.events.in_flight - dropped)});
      break;
    }
    case 3:
      books_.journaled(up_to(now.events.in_flight));
      break;
    case 4:
      books_.shed(up_to(now.events.in_flight));
      break;
    default:
      settle(now, random_() % 2);
    }
  }

  books& accounts() {
    return books_;
  }

private:
  std::uint64_t up_to(std::uint64_t most) {
    return random_() % (most + 1);
  }

  void settle(const ledger& now, std::size_t which) {
    const auto& terms = now.destinations.at(which == 0 ? "a" : "b");
    settlement x;
    x.taken = up_to(terms.waiting);
    x.not_matched = up_to(terms.waiting - x.taken);
    x.delivered = up_to(terms.in_flight);
    x.expired = up_to(terms.in_flight - x.delivered);
    books_.settle(ids_[which], x);
  }

  std::mt19937_64 random_;
  books books_;
  std::vector<books::destination_id> ids_;
};

} // namespace

BOOST_AUTO_TEST_CASE(balances_at_each_step_of_random_traffic) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    random_railway railway{seed};
    for (int step = 0; step < 1000; ++step) {
      railway.step();
      BOOST_REQUIRE(railway.accounts().picture().imbalance() == 0U);
    }
    // One event that comes from nowhere shows, and stays to be seen.
    const auto lost = railway.accounts().picture().events.in_flight + 1;
    railway.accounts().shed(lost);
    for (int step = 0; step < 100; ++step)
      railway.step();
    BOOST_TEST(railway.accounts().picture().imbalance() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(is_exact_in_each_picture_while_threads_count) {
  books x;
  const auto slack = open_new(x, "slack");
  std::atomic<bool> counting{true};
  std::thread counter{[&] {
    for (int round = 0; round < 20'000; ++round) {
      x.received(3);
      x.parsed({.parsed = 3, .events = 3});
      x.journaled(3);
      x.settle(slack, {.taken = 3});
      x.settle(slack, {.delivered = 3});
    }
    counting = false;
  }};
  std::uint64_t worst = 0;
  do
    worst = std::max(worst, x.picture().imbalance());
  while (counting);
  counter.join();
  BOOST_TEST(worst == 0U);
  BOOST_TEST(x.picture().at_rest());
  BOOST_TEST(x.picture().destinations.at("slack").delivered == 60'000U);
}

BOOST_AUTO_TEST_CASE(what_comes_back_from_flight_waits_again) {
  books b;
  const auto id = open_new(b, "hook");
  b.parsed({.parsed = 1, .events = 1});
  b.journaled(1);
  // Taken, returned after a failure, and taken again, booked in one step.
  b.settle(id, {.taken = 2, .returned = 1});
  auto terms = b.picture().destinations.at("hook");
  BOOST_TEST(terms.waiting == 0);
  BOOST_TEST(terms.in_flight == 1);
  b.settle(id, {.returned = 1});
  terms = b.picture().destinations.at("hook");
  BOOST_TEST(terms.waiting == 1);
  BOOST_TEST(terms.in_flight == 0);
  b.settle(id, {.taken = 1, .delivered = 1});
  terms = b.picture().destinations.at("hook");
  BOOST_TEST(terms.delivered == 1);
  BOOST_TEST(terms.waiting + terms.in_flight == 0);
}

BOOST_AUTO_TEST_CASE(an_account_continues_what_a_former_process_did) {
  books x;
  ledger former;
  former.ingest.received = 10;
  former.ingest.parsed = 10;
  former.events.parsed = 12;
  former.events.journaled = 9;
  former.events.excluded = 3;
  former.excluded_by_rule = {{"robots", 3}};
  x.restore(former);
  x.name_rules({"new", "robots"}, {});
  x.open_account("slack", {.not_matched = 1, .delivered = 5}, 3);
  auto picture = x.picture();
  BOOST_TEST(picture.imbalance() == 0U);
  BOOST_TEST(picture.excluded_by_rule.at("robots") == 3U);
  BOOST_TEST(picture.events.journaled == 9U);
  const auto& terms = picture.destinations.at("slack");
  BOOST_TEST(terms.journaled == 9U);
  BOOST_TEST(terms.delivered == 5U);
  BOOST_TEST(terms.waiting == 3U);
  // And goes on.
  parse_twelve(x);
  x.journaled(12);
  x.settle(x.account("slack"), {.taken = 15, .delivered = 15});
  picture = x.picture();
  BOOST_TEST(picture.imbalance() == 0U);
  BOOST_TEST(picture.destinations.at("slack").delivered == 20U);
}

BOOST_AUTO_TEST_CASE(a_closed_account_leaves_the_others_alone) {
  books x;
  open_new(x, "a");
  const auto b = open_new(x, "b");
  parse_twelve(x);
  x.journaled(4);
  x.close_account("a");
  x.close_account("nobody");
  x.journaled(4);
  BOOST_TEST(!x.picture().destinations.contains("a"));
  BOOST_TEST(x.account("b") == b);
  x.settle(b, {.taken = 8, .delivered = 8});
  // One that comes back is another one.
  const auto again = open_new(x, "a");
  x.settle(again, {});
  BOOST_TEST(x.picture().destinations.at("a").journaled == 0U);
  BOOST_TEST(x.picture().destinations.at("b").delivered == 8U);
  BOOST_TEST(x.picture().imbalance() == 0U);
}

BOOST_AUTO_TEST_CASE(a_destination_begins_again_from_its_position) {
  books x;
  const auto slack = open_new(x, "slack");
  parse_twelve(x);
  x.journaled(12);
  // A life that was at this point when it failed; its position says less: two
  // that were in flight, and some that it had only looked at.
  x.settle(slack, {.taken = 5, .not_matched = 4, .delivered = 3});
  x.resume(slack, {.not_matched = 1, .delivered = 3});
  auto terms = x.picture().destinations.at("slack");
  BOOST_TEST(terms.journaled == 12U);
  BOOST_TEST(terms.not_matched == 1U);
  BOOST_TEST(terms.delivered == 3U);
  BOOST_TEST(terms.in_flight == 0U);
  BOOST_TEST(terms.waiting == 8U);
  BOOST_TEST(x.picture().imbalance() == 0U);
  x.settle(slack, {.taken = 5, .not_matched = 3, .delivered = 5});
  BOOST_TEST(x.picture().imbalance() == 0U);
  terms = x.picture().destinations.at("slack");
  BOOST_TEST(terms.waiting + terms.in_flight == 0U);
  // A position of more than there was shows.
  x.resume(slack, {.delivered = 13});
  BOOST_TEST(x.picture().imbalance() == 1U);
}

BOOST_AUTO_TEST_CASE(letters_wait_again_when_they_are_sent_again) {
  books x;
  x.open_account("slack", {.dead_lettered = 2}, 0);
  const auto slack = x.account("slack");
  x.settle(slack, {.revived = 1});
  auto terms = x.picture().destinations.at("slack");
  BOOST_TEST(terms.dead_lettered == 1U);
  BOOST_TEST(terms.waiting == 1U);
  BOOST_TEST(terms.journaled == 2U);
  // Two more, one of them of an account that was closed.
  x.settle(slack, {.revived = 2, .taken = 3});
  x.settle(slack, {.delivered = 2, .dead_lettered = 1});
  terms = x.picture().destinations.at("slack");
  BOOST_TEST(terms.dead_lettered == 1U);
  BOOST_TEST(terms.delivered == 2U);
  BOOST_TEST(terms.journaled == 3U);
  BOOST_TEST(x.picture().imbalance() == 0U);
}
