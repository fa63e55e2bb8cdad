#include "policy/backoff.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <vector>

using namespace signalbox;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(never_waits_longer_than_the_doubled_range) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    backoff pauses{1s, 5min, seed};
    duration range = 1s;
    for (unsigned n = 0; n < 40; ++n) {
      BOOST_TEST(pauses.attempts() == n);
      const auto pause = pauses.next();
      BOOST_REQUIRE(pause >= 0s);
      BOOST_REQUIRE(pause <= range);
      range = std::min<duration>(range * 2, 5min);
    }
  }
}

BOOST_AUTO_TEST_CASE(uses_the_whole_range_evenly) {
  constexpr int draws = 2000;
  constexpr unsigned attempt = 3;
  duration sum{0};
  int upper_half = 0;
  for (std::uint64_t seed = 0; seed < draws; ++seed) {
    backoff pauses{1s, 1h, seed};
    for (unsigned n = 0; n < attempt; ++n)
      pauses.next();
    const auto pause = pauses.next();
    sum += pause;
    upper_half += pause > 4s ? 1 : 0;
  }
  BOOST_TEST((sum / draws > 3800ms && sum / draws < 4200ms));
  BOOST_TEST((upper_half > 900 && upper_half < 1100));
}

BOOST_AUTO_TEST_CASE(repeats_itself_with_the_same_seed) {
  backoff one{1s, 5min, 42};
  backoff same{1s, 5min, 42};
  backoff other{1s, 5min, 43};
  bool differs = false;
  for (int n = 0; n < 20; ++n) {
    const auto pause = one.next();
    BOOST_REQUIRE(pause == same.next());
    differs = differs || pause != other.next();
  }
  BOOST_TEST(differs);
}

BOOST_AUTO_TEST_CASE(begins_anew_after_a_reset) {
  backoff pauses{1ms, 1h, 1};
  for (int n = 0; n < 30; ++n)
    pauses.next();
  pauses.reset();
  BOOST_TEST(pauses.attempts() == 0U);
  BOOST_TEST((pauses.next() <= 1ms));
  BOOST_TEST((pauses.next() <= 2ms));
  BOOST_TEST(pauses.attempts() == 2U);
}

BOOST_AUTO_TEST_CASE(survives_the_ends_of_the_type) {
  struct row {
    duration initial;
    duration max;
    duration longest;
  };
  const std::vector<row> rows{
    {duration::max(), duration::max(), duration::max()},
    {1ns, duration::max(), duration::max()},
    {10s, 1s, 1s},
    {0s, 1s, 1s},
    {-1s, 1s, 1s},
    {1s, -1s, 0s},
  };
  for (const auto& [initial, max, longest] : rows) {
    backoff pauses{initial, max, 5};
    for (int n = 0; n < 200; ++n) {
      const auto pause = pauses.next();
      BOOST_REQUIRE(pause >= 0s);
      BOOST_REQUIRE(pause <= longest);
    }
  }
}
