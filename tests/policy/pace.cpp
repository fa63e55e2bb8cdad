#include "policy/pace.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <random>
#include <thread>
#include <tuple>
#include <vector>

using namespace signalbox;
using namespace std::chrono_literals;

namespace tt = boost::test_tools;

namespace {

constexpr mono_time start{1h};

/// Counts from when a request arrives, and refuses what arrives within an
/// interval of the last one: the strictest that a limit can be meant.
class strict_receiver {
public:
  explicit strict_receiver(duration interval) : interval_(interval) {
    // nop
  }

  void arrives(mono_time now) {
    refused_ += now < last_ + interval_ ? 1 : 0;
    last_ = now;
  }

  [[nodiscard]] int refused() const {
    return refused_;
  }

private:
  duration interval_;
  mono_time last_{};
  int refused_ = 0;
};

int take_all(pace& x, mono_time now) {
  int taken = 0;
  while (taken < 1000 && x.try_take(now))
    ++taken;
  return taken;
}

} // namespace

BOOST_AUTO_TEST_CASE(passes_the_burst_and_then_the_rate) {
  pace x{10, 5};
  BOOST_TEST(take_all(x, start) == 5);
  BOOST_TEST((x.ready_at(start) == start + 100ms));
  BOOST_TEST(take_all(x, start + 300ms) == 3);
  x.slow_down(start + 300ms);
  BOOST_TEST(x.rate(start + 300ms) == 5.0);
  BOOST_TEST((x.ready_at(start + 300ms) == start + 500ms));
}

BOOST_AUTO_TEST_CASE(is_silent_as_long_as_it_was_asked_to_be) {
  for (const auto rate : {0.0, 1.0}) {
    pace x{rate, 1};
    x.pause_until(start + 10s);
    // The longest pause holds.
    x.pause_until(start + 5s);
    BOOST_TEST(!x.try_take(start));
    BOOST_TEST(!x.try_take(start + 10s - 1ns));
    BOOST_TEST((x.ready_at(start) == start + 10s));
    BOOST_TEST(x.try_take(start + 10s));
  }
}

BOOST_AUTO_TEST_CASE(needs_a_token_and_the_end_of_the_pause) {
  pace x{1, 1};
  BOOST_TEST(x.try_take(start));
  x.pause_until(start + 500ms);
  BOOST_TEST((x.ready_at(start) == start + 1s));
  BOOST_TEST(!x.try_take(start + 500ms));
  BOOST_TEST(x.try_take(start + 1s));
  x.pause_until(start + 3s);
  BOOST_TEST((x.ready_at(start + 1s) == start + 3s));
  // A pause saves up no more than the burst.
  BOOST_TEST(take_all(x, start + 3s) == 1);
}

BOOST_AUTO_TEST_CASE(counts_from_the_answer_if_that_is_not_too_late) {
  struct row {
    double rate;
    duration latency;
    duration next; ///< After the request was sent.
  };
  const std::vector<row> rows{
    {1, 0ms, 1000ms},   {1, 100ms, 1100ms}, {1, 250ms, 1250ms},
    {1, 900ms, 1250ms}, {4, 20ms, 270ms},   {4, 2s, 2062500us},
    {1, -5s, 1000ms},   {0, 10s, 10s},
  };
  for (const auto& [rate, latency, next] : rows) {
    pace x{rate, 1};
    BOOST_TEST(x.try_take(start));
    x.arrived(start, start + latency);
    const auto ready = x.ready_at(std::max(start, start + latency));
    BOOST_TEST((ready - (start + next)) / 1us == 0,
               rate << "/s, " << latency / 1ms << " ms");
  }
}

BOOST_AUTO_TEST_CASE(may_owe_tokens) {
  pace x{4, 2};
  BOOST_TEST(take_all(x, start) == 2);
  x.arrived(start, start);
  x.arrived(start - 1s, start);
  x.arrived(start - 1s, start);
  // Two answers a quarter of an interval late, and one token missing.
  BOOST_TEST((x.ready_at(start) == start + 375ms));
}

BOOST_AUTO_TEST_CASE(never_arrives_too_early_whatever_the_latency) {
  for (const auto rate : {1.0, 4.0, 50.0}) {
    const auto interval = duration{static_cast<long>(1e9 / rate)};
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      std::mt19937_64 random{seed};
      std::uniform_int_distribution<long> within{0, interval.count() / 4};
      pace x{rate, 1};
      strict_receiver peer{interval};
      auto now = start;
      for (int i = 0; i < 500; ++i) {
        // Sometimes there is nothing to send for a while.
        if (random() % 20 == 0)
          now += interval * static_cast<long>(random() % 5);
        now = x.ready_at(now);
        BOOST_TEST_REQUIRE(x.try_take(now));
        // The first needs a connection: the slowest of all, seen at its end.
        const auto latency = i == 0 ? interval / 4 : duration{within(random)};
        const auto arrives =
          i == 0 || random() % 4 == 0
            ? latency
            : latency * static_cast<long>(random() % 100) / 100;
        peer.arrives(now + arrives);
        x.arrived(now, now + latency);
        now += latency;
      }
      BOOST_TEST(peer.refused() == 0, "seed " << seed);
    }
  }
}

BOOST_AUTO_TEST_CASE(costs_a_fifth_of_the_rate_at_most) {
  pace x{10, 1};
  auto now = start;
  for (int i = 0; i < 100; ++i) {
    now = x.ready_at(now);
    BOOST_TEST_REQUIRE(x.try_take(now));
    x.arrived(now - 1h, now);
  }
  BOOST_TEST((now - start) / 1ms <= 99 * 125 + 1);
}

BOOST_AUTO_TEST_CASE(lets_the_smaller_rate_rule) {
  struct row {
    double rate;
    double burst;
    double joins;
    double with_burst;
    double rules;
    int at_once;
  };
  const std::vector<row> rows{
    {4, 4, 1, 1, 1, 1},   {1, 1, 4, 4, 1, 1}, {4, 2, 1, 8, 1, 2},
    {0, 1, 2, 3, 2, 3},   {2, 3, 0, 1, 2, 3}, {0, 1, 0, 1, 0, 1000},
    {2, 3, -1, -1, 2, 3}, {4, 4, 2, 0, 2, 1},
  };
  for (const auto& [rate, burst, joins, with_burst, rules, at_once] : rows) {
    pace x{rate, burst};
    x.lower_to(joins, with_burst);
    BOOST_TEST_CONTEXT(rate << "/s joined by " << joins << "/s") {
      BOOST_TEST(x.rate(start) == rules);
      BOOST_TEST(take_all(x, start) == at_once);
    }
  }
}

BOOST_AUTO_TEST_CASE(remembers_what_it_learned_when_somebody_joins) {
  pace x{8, 8};
  BOOST_TEST(take_all(x, start) == 8);
  x.slow_down(start);
  x.pause_until(start + 1s);
  x.lower_to(4, 4);
  BOOST_TEST(x.rate(start) == 2.0, tt::tolerance(1e-9));
  BOOST_TEST(take_all(x, start + 500ms) == 0);
  BOOST_TEST(take_all(x, start + 1s) == 2);
}

BOOST_AUTO_TEST_CASE(is_shared_by_all_that_hold_the_same_account) {
  paces all;
  const auto one = all.find("https://h/a", 4, 4);
  const auto same = all.find("https://h/a", 1, 1);
  const auto other = all.find("https://h/b", 4, 4);
  BOOST_TEST(one == same);
  BOOST_TEST(one != other);
  BOOST_TEST(one->rate(start) == 1.0);
  BOOST_TEST(other->rate(start) == 4.0);
  BOOST_TEST(all.size() == 2U);
}

BOOST_AUTO_TEST_CASE(gives_each_token_to_one_of_many_threads) {
  paces all;
  const auto held = all.find("a", 0.001, 100);
  std::atomic<int> taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        const auto mine = all.find("a", 0.001, 100);
        taken += take_all(*mine, start);
        mine->arrived(start, start);
        mine->pause_until(start);
        std::ignore = mine->ready_at(start);
        std::ignore = mine->rate(start);
      });
  }
  BOOST_TEST(taken.load() == 100);
}

BOOST_AUTO_TEST_CASE(shares_the_pause_of_those_without_a_rate) {
  paces all;
  const auto one = all.find("a", 0, 1);
  all.find("a", 0, 1)->pause_until(start + 1s);
  BOOST_TEST(!one->try_take(start));
}

BOOST_AUTO_TEST_CASE(is_ones_own_without_an_account) {
  paces all;
  const auto one = all.find("", 1, 1);
  const auto other = all.find("", 1, 1);
  BOOST_TEST(one != other);
  BOOST_TEST(all.size() == 0U);
}

BOOST_AUTO_TEST_CASE(forgets_an_account_that_nobody_holds) {
  paces all;
  auto one = all.find("a", 1, 1);
  one->pause_until(start + 1h);
  one.reset();
  BOOST_TEST(all.size() == 0U);
  BOOST_TEST(all.find("a", 4, 4)->try_take(start));
}
