#include "actors/passed_events.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <map>
#include <random>

using namespace signalbox;

namespace {

/// Events that a position says are done with, of those from `start` on.
std::uint64_t passed(const position& x, sequence start = 1) {
  auto n = x.where.next - start;
  for (const auto& range : x.where.beyond)
    n += range.end - range.first;
  return n;
}

} // namespace

BOOST_AUTO_TEST_CASE(is_where_it_begins) {
  const position from{{11, {{13, 15}, {20, 21}}},
                      {.not_matched = 4, .delivered = 9}};
  passed_events x{from};
  BOOST_TEST((x.at(11, 0, 0) == from));
  BOOST_TEST(!x.was_passed(12));
  BOOST_TEST(x.was_passed(13));
  BOOST_TEST(x.was_passed(20));
  BOOST_TEST(!x.was_passed(21));
  BOOST_TEST(x.not_passed({11, 31}) == 17);
}

BOOST_AUTO_TEST_CASE(tells_what_is_done_beyond_the_next_event) {
  passed_events x{{}};
  x.not_matched({2, 3});
  x.pass({3, 4});
  ++x.terms.delivered;
  x.not_matched({6, 7});
  const position expected{{1, {{2, 4}, {6, 7}}},
                          {.not_matched = 2, .delivered = 1}};
  BOOST_TEST((x.at(1, 0, 0) == expected));
  x.pass({1, 2});
  ++x.terms.expired;
  const position later{{4, {{6, 7}}},
                       {.not_matched = 2, .delivered = 1, .expired = 1}};
  BOOST_TEST((x.at(4, 0, 0) == later));
}

BOOST_AUTO_TEST_CASE(does_not_count_again_what_a_former_life_has_counted) {
  passed_events x{position{{11, {{13, 15}, {20, 21}}}, {.not_matched = 3}}};
  BOOST_TEST(x.not_matched({11, 31}) == 17);
  BOOST_TEST(x.terms.not_matched == 20);
  BOOST_TEST(x.absorb({11, 31}) == 17);
}

BOOST_AUTO_TEST_CASE(what_lies_between_is_passed_with_its_range) {
  passed_events x{{}};
  for (const sequence n : {2U, 3U, 5U, 9U})
    x.not_matched({n, n + 1});
  // Events 1, 4 and 6 are told as one, with all between them.
  const auto absorbed = x.absorb({1, 7});
  BOOST_TEST(absorbed == 3);
  const position before{{1, {{9, 10}}}, {.not_matched = 1}};
  BOOST_TEST((x.at(1, absorbed, 0) == before));
  x.pass({1, 7});
  x.terms.folded += 3;
  const position after{{7, {{9, 10}}}, {.not_matched = 4, .folded = 3}};
  BOOST_TEST((x.at(7, 0, 0) == after));
}

BOOST_AUTO_TEST_CASE(an_event_of_a_range_may_be_in_hand_after_all) {
  passed_events x{{}};
  x.pass({1, 6});
  x.take_back(3);
  x.terms.folded += 4;
  const position expected{{3, {{4, 6}}}, {.folded = 4}};
  BOOST_TEST((x.at(3, 0, 0) == expected));
}

BOOST_AUTO_TEST_CASE(letters_in_hand_still_count_as_dead) {
  passed_events x{{{5, {}}, {.delivered = 2, .dead_lettered = 2}}};
  --x.terms.dead_lettered; // One is sent again.
  BOOST_TEST(
    (x.at(5, 0, 1).terms == passed_terms{.delivered = 2, .dead_lettered = 2}));
  ++x.terms.delivered;
  BOOST_TEST(
    (x.at(5, 0, 0).terms == passed_terms{.delivered = 3, .dead_lettered = 1}));
}

// Against a plain list of what became of each event.
BOOST_AUTO_TEST_CASE(cursor_and_terms_stay_in_step) {
  enum class state : std::uint8_t { in_hand, unmatched, done };
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    std::mt19937 random{seed};
    const auto upto = [&](std::uint32_t n) {
      return static_cast<std::uint32_t>(random() % n);
    };
    passed_events x{{}};
    std::map<sequence, state> all;
    sequence end = 1;
    for (int step = 0; step < 300; ++step) {
      if (upto(2) == 0) {
        const bool matches = upto(2) == 0;
        all[end] = matches ? state::in_hand : state::unmatched;
        if (!matches)
          x.not_matched({end, end + 1});
        ++end;
      }
      // Out of order: one of those in hand.
      for (auto& [n, what] : all)
        if (what == state::in_hand && upto(8) == 0) {
          what = state::done;
          ++x.terms.delivered;
          x.pass({n, n + 1});
          break;
        }
      auto next = end;
      for (const auto& [n, what] : all)
        if (what == state::in_hand) {
          next = n;
          break;
        }
      const auto last = x.at(next, 0, 0);
      BOOST_REQUIRE(last.where.next == next);
      BOOST_REQUIRE(last.terms.total() == passed(last));
      std::uint64_t done = 0;
      for (const auto& [n, what] : all) {
        done += what == state::done ? 1 : 0;
        if (n > next)
          BOOST_REQUIRE(passed_events{last}.was_passed(n)
                        == (what != state::in_hand));
      }
      BOOST_REQUIRE(last.terms.delivered == done);
      // Begins again from there, now and then.
      if (upto(30) == 0)
        x = passed_events{last};
    }
  }
}
