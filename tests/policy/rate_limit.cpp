#include "policy/rate_limit.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <random>
#include <vector>

using namespace signalbox;
using namespace std::chrono_literals;

namespace {

constexpr mono_time start{1h};
constexpr key_hash key{1};

bool try_take(rate_limit& limit, mono_time now, const key_hash& k = key) {
  limit.keys().advance(now);
  const auto bucket = limit.find(k);
  const auto has = limit.has_token(bucket, now);
  if (has)
    limit.take_token(bucket, now);
  return has;
}

int take_all(rate_limit& limit, mono_time now) {
  int taken = 0;
  while (taken < 10'000 && try_take(limit, now))
    ++taken;
  return taken;
}

} // namespace

BOOST_AUTO_TEST_CASE(passes_the_burst_and_then_the_rate) {
  struct row {
    double rate;
    double burst;
    duration pause;
    int tokens;
  };
  const std::vector<row> rows{
    {1, 1, 999ms, 0},  {1, 1, 1s, 1},         {1, 1, 10s, 1},
    {10, 5, 1s, 5},    {10, 5, 300ms, 3},     {20, 100, 1s, 20},
    {3, 100, 1h, 100}, {1.0 / 60, 2, 60s, 1}, {1000, 2000, 1s, 1000},
  };
  for (const auto& [rate, burst, pause, tokens] : rows) {
    BOOST_TEST_CONTEXT(rate << "/s, burst " << burst) {
      rate_limit limit{rate, burst, 1000};
      BOOST_TEST(take_all(limit, start) == static_cast<int>(burst));
      BOOST_TEST(take_all(limit, start + pause) == tokens);
    }
  }
}

BOOST_AUTO_TEST_CASE(never_passes_more_than_rate_and_burst_in_any_window) {
  std::mt19937_64 random{9};
  for (int round = 0; round < 20; ++round) {
    const auto rate = 0.5 + static_cast<double>(random() % 500) / 10;
    const auto burst = 1 + static_cast<double>(random() % 20);
    rate_limit limit{rate, burst, 1000};
    std::vector<mono_time> passed;
    auto now = start;
    for (int i = 0; i < 1000; ++i) {
      now += duration{random() % 100'000'000};
      if (try_take(limit, now))
        passed.push_back(now);
    }
    bool exceeded = false;
    for (std::size_t from = 0; from < passed.size(); ++from)
      for (auto to = from; to < passed.size(); ++to) {
        const std::chrono::duration<double> window = passed[to] - passed[from];
        const auto count = static_cast<double>(to - from + 1);
        exceeded = exceeded || count > rate * window.count() + burst + 1e-3;
      }
    BOOST_TEST(!exceeded);
  }
}

BOOST_AUTO_TEST_CASE(keeps_a_key_that_is_asked_for_while_it_has_no_token) {
  rate_limit limit{0.1, 1, 1000};
  BOOST_TEST(try_take(limit, start));
  for (auto now = start; now < start + 10s; now += 1s)
    BOOST_TEST(!try_take(limit, now));
  BOOST_TEST(try_take(limit, start + 10s));
}

BOOST_AUTO_TEST_CASE(keeps_no_more_keys_than_it_may) {
  rate_limit limit{0.0001, 1, 1000};
  const auto key_of = [](std::uint64_t n) {
    return key_hash{n * 0x9E3779B97F4A7C15};
  };
  for (std::uint64_t n = 0; n < 20'000; ++n) {
    BOOST_REQUIRE(try_take(limit, start, key_of(n)));
    BOOST_REQUIRE(limit.keys().size() <= 1000U);
  }
  // Those seen last are still known.
  for (std::uint64_t n = 19'999; n > 19'500; --n)
    BOOST_REQUIRE(!try_take(limit, start, key_of(n)));
}

BOOST_AUTO_TEST_CASE(survives_absurd_rates) {
  for (const auto rate : {1e-300, 1e-9, 1e9, 1e300})
    for (const auto burst : {1.0, 1e18, 1e300}) {
      rate_limit limit{rate, burst, 1000};
      BOOST_TEST(try_take(limit, start));
      limit.keys().advance(start + 24h * 365);
      BOOST_TEST(limit.keys().size() <= 1U);
      try_take(limit, start + 24h * 365);
    }
}
