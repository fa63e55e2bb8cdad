#include "policy/retry_budget.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <random>
#include <vector>

using namespace signalbox;
using namespace std::chrono_literals;

namespace {

constexpr mono_time start{1h};

int retry_all(retry_budget& x, mono_time now) {
  int retries = 0;
  while (retries < 1000 && x.try_retry(now))
    ++retries;
  return retries;
}

} // namespace

BOOST_AUTO_TEST_CASE(saves_by_requests_and_by_time) {
  struct row {
    int requests;
    duration pause;
    int retries;
  };
  const std::vector<row> rows{
    {0, 0s, 0},  {0, 999ms, 0},  {0, 1s, 1},   {0, 3s, 3},
    {0, 1h, 10}, {4, 0s, 0},     {5, 0s, 1},   {9, 0s, 1},
    {10, 0s, 2}, {12, 600ms, 3}, {50, 0s, 10}, {5000, 1h, 10},
  };
  for (const auto& [requests, pause, retries] : rows) {
    retry_budget x;
    BOOST_TEST(retry_all(x, start) == 10);
    for (int i = 0; i < requests; ++i)
      x.sent(start);
    BOOST_TEST(retry_all(x, start + pause) == retries,
               requests << " requests, " << pause / 1ms << " ms");
  }
}

BOOST_AUTO_TEST_CASE(is_ready_when_it_says_and_not_before) {
  retry_budget x;
  BOOST_TEST((x.ready_at(start) == start));
  retry_all(x, start);
  BOOST_TEST((x.ready_at(start) == start + 1s));
  x.sent(start);
  BOOST_TEST((x.ready_at(start) == start + 800ms));
  BOOST_TEST(!x.try_retry(start + 800ms - 1ns));
  BOOST_TEST(x.try_retry(start + 800ms));
  BOOST_TEST((x.ready_at(start + 1h) == start + 1h));
}

BOOST_AUTO_TEST_CASE(ignores_time_that_goes_back) {
  retry_budget x;
  retry_all(x, start);
  BOOST_TEST(!x.try_retry(start - 30min));
  x.sent(start - 30min);
  BOOST_TEST(x.try_retry(start + 800ms));
  BOOST_TEST(!x.try_retry(start + 800ms));
}

BOOST_AUTO_TEST_CASE(repeats_no_more_than_a_fifth_in_any_window) {
  struct deed {
    mono_time at;
    bool retry;
  };
  std::mt19937_64 random{7};
  for (int round = 0; round < 20; ++round) {
    const auto busy = 1 + random() % 300;
    retry_budget x;
    std::vector<deed> deeds;
    auto now = start;
    while (deeds.size() < 600) {
      now += duration{random() % (1'000'000'000 / busy)};
      if (random() % 3 == 0) {
        x.sent(now);
        deeds.push_back({now, false});
      } else if (x.try_retry(now)) {
        deeds.push_back({now, true});
      }
    }
    bool exceeded = false;
    for (std::size_t from = 0; from < deeds.size(); ++from) {
      double requests = 0;
      double retries = 0;
      for (auto to = from; to < deeds.size(); ++to) {
        (deeds[to].retry ? retries : requests) += 1;
        const std::chrono::duration<double> t = deeds[to].at - deeds[from].at;
        exceeded =
          exceeded
          || retries > requests / 5 + t.count() + retry_budget::reserve + 1e-6;
      }
    }
    BOOST_TEST(!exceeded);
  }
}

BOOST_AUTO_TEST_CASE(keeps_the_load_on_a_destination_in_trouble_down) {
  // A hundred requests a second that all fail, and would all be repeated.
  retry_budget x;
  auto now = start;
  int retries = 0;
  for (int i = 0; i < 6000; ++i) {
    now += 10ms;
    x.sent(now);
    retries += retry_all(x, now);
  }
  BOOST_TEST(retries <= 6000 / 5 + 60 + 10);
  BOOST_TEST(retries >= 6000 / 5 + 60);
}
