#include "policy/token_bucket.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cmath>
#include <random>
#include <vector>

using namespace signalbox;
using namespace std::chrono_literals;

namespace tt = boost::test_tools;

namespace {

constexpr mono_time start{1h};

int take_all(token_bucket& bucket, mono_time now) {
  int taken = 0;
  while (taken < 10'000 && bucket.try_take(now))
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
    {1, 1, 999ms, 0},       {1, 1, 1s, 1},     {1, 1, 10s, 1},
    {10, 5, 1s, 5},         {10, 5, 300ms, 3}, {1.0 / 60, 2, 60s, 1},
    {1.0 / 3600, 1, 1h, 1}, {4, 4, 24h, 4},    {0.1, 1, 10s, 1},
  };
  for (const auto& [rate, burst, pause, tokens] : rows) {
    BOOST_TEST_CONTEXT(rate << "/s, burst " << burst) {
      token_bucket bucket{rate, burst};
      BOOST_TEST(take_all(bucket, start) == static_cast<int>(burst));
      BOOST_TEST(take_all(bucket, start + pause) == tokens);
    }
  }
}

BOOST_AUTO_TEST_CASE(passes_everything_when_unlimited) {
  for (const auto rate : {0.0, -1.0, std::nan("")}) {
    token_bucket bucket{rate, 1};
    bucket.slow_down(start);
    BOOST_TEST(take_all(bucket, start) == 10'000);
    BOOST_TEST((bucket.ready_at(start) == start));
    BOOST_TEST(bucket.rate(start) == 0.0);
  }
}

BOOST_AUTO_TEST_CASE(holds_one_token_at_least) {
  token_bucket bucket{1, 0};
  BOOST_TEST(take_all(bucket, start) == 1);
  BOOST_TEST(take_all(bucket, start + 1s) == 1);
}

BOOST_AUTO_TEST_CASE(ignores_time_that_goes_back) {
  token_bucket bucket{1, 1};
  BOOST_TEST(bucket.try_take(start));
  BOOST_TEST(!bucket.try_take(start - 1h));
  BOOST_TEST(!bucket.try_take(start + 500ms));
  BOOST_TEST(bucket.try_take(start + 1s));
}

BOOST_AUTO_TEST_CASE(halves_the_rate_when_told_to_slow_down) {
  token_bucket bucket{64, 64};
  bucket.slow_down(start);
  BOOST_TEST(bucket.rate(start) == 32.0);
  // What was saved up is gone, too.
  BOOST_TEST(take_all(bucket, start) == 0);
  BOOST_TEST(take_all(bucket, start + 1s) == 32);
  bucket.slow_down(start + 1s);
  BOOST_TEST(bucket.rate(start + 1s) == 16.0);
  for (int i = 0; i < 20; ++i)
    bucket.slow_down(start + 1s);
  BOOST_TEST(bucket.rate(start + 1s) == 1.0);
}

BOOST_AUTO_TEST_CASE(recovers_a_tenth_every_ten_seconds) {
  const std::vector<std::pair<duration, double>> rows{
    {0s, 50},  {9999ms, 50}, {10s, 60},  {29s, 70},
    {40s, 90}, {50s, 100},   {60s, 100}, {24h, 100},
  };
  token_bucket bucket{100, 1};
  bucket.slow_down(start);
  for (const auto& [later, rate] : rows)
    BOOST_TEST(bucket.rate(start + later) == rate, tt::tolerance(1e-9));
  // A further fault starts from where it was.
  bucket.slow_down(start + 20s);
  BOOST_TEST(bucket.rate(start + 20s) == 35.0, tt::tolerance(1e-9));
  BOOST_TEST(bucket.rate(start + 30s) == 45.0, tt::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(earns_tokens_at_the_rate_of_each_moment) {
  token_bucket bucket{10, 1000};
  bucket.slow_down(start);
  // 5/s, 6/s and 7/s for ten seconds each, then 8/s for five.
  BOOST_TEST(take_all(bucket, start + 35s) == 50 + 60 + 70 + 40);
}

BOOST_AUTO_TEST_CASE(owes_what_it_was_charged) {
  token_bucket bucket{10, 2};
  bucket.charge(start, 50ms);
  bucket.charge(start, -1s);
  BOOST_TEST(take_all(bucket, start) == 1);
  BOOST_TEST((bucket.ready_at(start) == start + 50ms));
  bucket.charge(start, 300ms);
  BOOST_TEST((bucket.ready_at(start) == start + 350ms));
  BOOST_TEST(take_all(bucket, start + 349ms) == 0);
  BOOST_TEST(take_all(bucket, start + 350ms) == 1);
  token_bucket unlimited{0, 1};
  unlimited.charge(start, 1h);
  BOOST_TEST(unlimited.try_take(start));
}

BOOST_AUTO_TEST_CASE(is_ready_when_it_says_and_not_before) {
  std::mt19937_64 random{13};
  for (int round = 0; round < 200; ++round) {
    const auto rate =
      std::pow(10.0, static_cast<double>(random() % 80) / 10 - 4);
    token_bucket bucket{rate, 1 + static_cast<double>(random() % 3)};
    auto now = start;
    for (int i = 0; i < 100; ++i) {
      if (random() % 10 == 0)
        bucket.slow_down(now);
      const auto ready = bucket.ready_at(now);
      BOOST_REQUIRE(ready >= now);
      if (ready - now > 10us) {
        // A token is whole when all but a billionth of it is there.
        const auto a_bit = duration{static_cast<long>(200 / rate)} + 1us;
        auto early = bucket;
        BOOST_REQUIRE(!early.try_take(now));
        BOOST_REQUIRE(!early.try_take(ready - a_bit));
        BOOST_REQUIRE(early.try_take(ready));
      }
      BOOST_REQUIRE(bucket.try_take(ready));
      now = ready;
    }
  }
}

BOOST_AUTO_TEST_CASE(says_at_most_a_year) {
  token_bucket bucket{1e-300, 1};
  BOOST_TEST(bucket.try_take(start));
  BOOST_TEST((bucket.ready_at(start) == start + 24h * 365));
}

BOOST_AUTO_TEST_CASE(never_passes_more_than_rate_and_burst_in_any_window) {
  std::mt19937_64 random{17};
  for (int round = 0; round < 20; ++round) {
    const auto rate = 0.5 + static_cast<double>(random() % 500) / 10;
    const auto burst = 1 + static_cast<double>(random() % 20);
    token_bucket bucket{rate, burst};
    std::vector<mono_time> passed;
    auto now = start;
    for (int i = 0; i < 1000; ++i) {
      now += duration{random() % 100'000'000};
      if (random() % 200 == 0)
        bucket.slow_down(now);
      if (bucket.try_take(now))
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
