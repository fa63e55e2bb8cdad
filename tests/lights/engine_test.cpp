#include "lights/engine.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <ostream>
#include <random>
#include <utility>
#include <vector>

using namespace signalbox;
using namespace signalbox::lights;
using namespace std::chrono_literals;

namespace signalbox::lights {

std::ostream& operator<<(std::ostream& out, const command& x) {
  return out << to_string(x.what) << ' ' << to_hex(x.color.mix) << ' '
             << x.brightness << ' ' << x.period.count() << "ns";
}

std::ostream& operator<<(std::ostream& out, health x) {
  return out << to_string(x);
}

} // namespace signalbox::lights

namespace {

namespace data = boost::unit_test::data;

std::size_t allocations = 0;

constexpr color red{{255, 0, 0}};
constexpr color green{{0, 255, 0}};
constexpr color blue{{0, 0, 255}};

const verdict good{};
const verdict bad{outcome::retry, "broken", {}, 0};

const auto start = mono_time{} + 1h;

constexpr command dark{};

effect lit(lights::color color, std::optional<duration> lasts = {},
           int priority = 20) {
  return {
    .what = show::on, .color = color, .lasts = lasts, .priority = priority};
}

effect repeating(show what, lights::color color, duration period) {
  return {.what = what, .color = color, .period = period};
}

command steady(lights::color color) {
  return {show::on, color, 1.0, {}};
}

struct sent {
  mono_time at;
  command what;
};

/// A lamp on virtual time: takes each command after `latency`, and refuses it
/// while `broken` holds.
class bench {
public:
  explicit bench(engine::options opts = {}) : lamp(opts) {
    // nop
  }

  void wish(const effect& x) {
    lamp.wish(x, now);
    step();
  }

  /// Runs as the actor does: only when the engine asked to be woken.
  void run_until(mono_time end) {
    for (step(); auto at = next_step();) {
      if (*at > end)
        break;
      now = std::max(now, *at);
      step();
    }
    now = end;
  }

  void run_for(duration time) {
    run_until(now + time);
  }

  [[nodiscard]] std::vector<command> commands() const {
    std::vector<command> xs;
    for (const auto& x : log)
      xs.push_back(x.what);
    return xs;
  }

  engine lamp;
  mono_time now = start;
  duration latency = 5ms;
  std::function<bool()> broken = [] {
    return false;
  };
  std::vector<sent> log;

private:
  [[nodiscard]] std::optional<mono_time> next_step() const {
    return done_at_ ? done_at_ : lamp.wake_at(now);
  }

  void step() {
    if (done_at_ && now >= *done_at_) {
      done_at_.reset();
      lamp.answered(broken() ? bad : good, now);
    }
    if (auto x = lamp.next(now)) {
      BOOST_REQUIRE(!done_at_);
      log.push_back({now, *x});
      done_at_ = now + latency;
    } else if (auto at = lamp.wake_at(now)) {
      BOOST_REQUIRE(*at > now); // or the actor would spin
    }
  }

  std::optional<mono_time> done_at_;
};

void expect_at_most(const std::vector<sent>& log, double rate, double burst) {
  for (std::size_t i = 0; i < log.size(); ++i)
    for (auto j = i; j < log.size(); ++j) {
      auto time = std::chrono::duration<double>(log[j].at - log[i].at);
      if (static_cast<double>(j - i + 1) > rate * time.count() + burst + 1e-6)
        BOOST_FAIL(j - i + 1 << " commands in " << time.count() << " s");
    }
}

/// Seven changes are three flashes and a half.
void expect_no_faster_than_3_hz(const std::vector<sent>& log) {
  for (std::size_t i = 0; i + 6 < log.size(); ++i)
    BOOST_REQUIRE(log[i + 6].at - log[i].at >= 1s);
}

} // namespace

// Not inlined: GCC 12 would take `free` for a mismatch of `new`.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (auto* memory = std::malloc(size == 0 ? 1 : size))
    return memory;
  throw std::bad_alloc{};
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

BOOST_AUTO_TEST_CASE(shows_idle_before_anything_happens) {
  bench x{{.idle = lit(blue)}};
  x.run_for(1s);
  BOOST_TEST(x.commands() == std::vector{steady(blue)},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(returns_to_idle_when_an_effect_is_over) {
  bench x;
  x.run_for(1s);
  x.wish(lit(green, 2s));
  x.run_for(10s);
  BOOST_TEST(x.commands() == (std::vector{dark, steady(green), dark}),
             boost::test_tools::per_element());
  BOOST_TEST((x.log[2].at - x.log[1].at == 2s));
  BOOST_TEST(x.lamp.shows() == dark);
}

BOOST_AUTO_TEST_CASE(tells_what_is_wished_for_at_any_time) {
  engine lamp{{.idle = lit(blue)}};
  lamp.wish(lit(green, 2s), start);
  BOOST_TEST((lamp.desired(start + 1999ms) == lit(green, 2s)));
  BOOST_TEST((lamp.desired(start + 2s) == lit(blue)));
}

BOOST_AUTO_TEST_CASE(shows_a_wish_without_an_end_until_the_next_one) {
  bench x;
  x.wish(lit(green));
  x.run_for(59s);
  BOOST_TEST(x.lamp.shows() == steady(green));
  x.wish(lit(red));
  x.run_for(1s);
  BOOST_TEST(x.lamp.shows() == steady(red));
}

BOOST_AUTO_TEST_CASE(the_newest_of_equal_wishes_wins) {
  bench x;
  x.wish(lit(green, 10s));
  x.run_for(1s);
  x.wish(lit(red, 2s));
  x.run_for(1s);
  BOOST_TEST(x.lamp.shows() == steady(red));
  x.run_for(2s); // the replaced wish does not come back
  BOOST_TEST(x.lamp.shows() == dark);
}

BOOST_AUTO_TEST_CASE(a_higher_priority_is_never_masked) {
  bench x;
  x.wish(lit(red, 5s, 40));
  x.run_for(1s);
  for (int i = 0; i < 30; ++i) {
    x.wish(lit(green, 10s, 20));
    x.run_for(100ms);
    BOOST_TEST(x.lamp.shows() == steady(red));
  }
}

BOOST_AUTO_TEST_CASE(returns_to_the_layer_below_not_at_once_to_idle) {
  bench x;
  x.wish(lit(blue, {}, 10));
  x.wish(lit(green, 5s, 20));
  x.wish(lit(red, 2s, 30));
  x.run_for(1s);
  BOOST_TEST(x.lamp.shows() == steady(red));
  x.run_for(2s);
  BOOST_TEST(x.lamp.shows() == steady(green));
  x.run_for(3s);
  BOOST_TEST(x.lamp.shows() == steady(blue));
}

BOOST_AUTO_TEST_CASE(keeps_the_highest_when_there_are_too_many_layers) {
  bench x;
  for (int priority = 1; priority <= 100; ++priority)
    x.wish(lit(priority == 100 ? red : green, 10s, priority));
  x.run_for(1s);
  BOOST_TEST(x.lamp.shows() == steady(red));
}

BOOST_AUTO_TEST_CASE(a_storm_costs_no_more_than_the_rate_and_ends_in_idle) {
  bench x{{.max_rate = 5, .burst = 1}};
  x.run_for(10s);
  auto before = x.log.size();
  for (int i = 0; i < 2000; ++i) {
    x.wish(lit(i % 2 == 0 ? green : red, 2s));
    x.run_for(500us);
  }
  BOOST_TEST(x.log.size() - before <= 6U); // 5 a second and the one at once
  x.run_for(10s);
  BOOST_TEST(x.lamp.shows() == dark);
  BOOST_TEST(x.lamp.counters().events == 2000U);
  BOOST_TEST(x.lamp.counters().coalesced >= 1994U);
  expect_at_most(x.log, 5, 1);
}

BOOST_AUTO_TEST_CASE(a_flood_allocates_nothing) {
  engine lamp{{}};
  auto before = allocations;
  for (int i = 0; i < 100'000; ++i) {
    auto now = start + i * 10us;
    lamp.wish(lit(i % 2 == 0 ? green : red, 2s, i % 50), now);
    if (lamp.next(now))
      lamp.answered(i % 3 != 0 ? good : bad, now);
  }
  BOOST_TEST(allocations == before);
}

BOOST_AUTO_TEST_CASE(the_last_of_a_storm_is_shown) {
  bench x{{.max_rate = 1, .burst = 1}};
  x.run_for(10s);
  for (int i = 0; i < 100; ++i)
    x.wish(lit(red, 30s));
  x.wish(lit(green, 30s));
  x.run_for(1100ms);
  BOOST_TEST(x.lamp.shows() == steady(green));
}

BOOST_AUTO_TEST_CASE(the_same_wish_again_only_lasts_longer) {
  bench x;
  x.run_for(1s);
  for (int i = 0; i < 10; ++i) {
    x.wish(lit(green, 2s));
    x.run_for(1s);
  }
  BOOST_TEST(x.log.size() == 2U);
  x.run_for(2s);
  BOOST_TEST(x.commands() == (std::vector{dark, steady(green), dark}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(sends_nothing_when_the_lamp_shows_it_already) {
  bench x{{.idle = lit(green)}};
  x.run_for(1s);
  x.wish(lit(green, 2s));
  x.run_for(10s);
  BOOST_TEST(x.log.size() == 1U);
  BOOST_TEST(x.lamp.counters().coalesced == 1U);
}

BOOST_AUTO_TEST_CASE(says_it_again_every_minute) {
  bench x;
  x.run_for(179s);
  BOOST_TEST(x.commands() == std::vector(3, dark),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(black_and_brightness_zero_are_off) {
  bench x{{.idle = lit(blue)}};
  auto faint = lit(red);
  faint.brightness = 0;
  x.wish(lit(color{}));
  x.run_for(1s);
  BOOST_TEST(x.lamp.shows() == dark);
  x.wish(faint);
  x.run_for(1s);
  BOOST_TEST(x.lamp.shows() == dark);
}

BOOST_AUTO_TEST_CASE(a_driver_that_blinks_gets_one_command) {
  bench x{{.blinks = true}};
  x.run_for(1s);
  x.wish(repeating(show::blink, red, 1s));
  x.run_for(50s);
  BOOST_TEST(x.log.size() == 2U);
  BOOST_TEST(x.lamp.shows() == (command{show::blink, red, 1.0, 1s}));
}

BOOST_AUTO_TEST_CASE(a_driver_that_cannot_blink_is_switched_on_and_off) {
  bench x{{.max_rate = 5}};
  x.run_for(1s);
  auto begin = x.now;
  x.wish(repeating(show::blink, red, 1s));
  x.run_for(2900ms);
  BOOST_REQUIRE_EQUAL(x.log.size(), 7U);
  for (std::size_t i = 1; i < x.log.size(); ++i) {
    BOOST_TEST(x.log[i].what == (i % 2 == 1 ? steady(red) : dark));
    BOOST_TEST((x.log[i].at - begin == (i - 1) * 500ms));
  }
}

BOOST_AUTO_TEST_CASE(the_same_blink_again_keeps_its_rhythm) {
  bench x{{.max_rate = 5}};
  x.run_for(1s);
  auto begin = x.now;
  for (int i = 0; i < 29; ++i) {
    x.wish(repeating(show::blink, red, 1s));
    x.run_for(100ms);
  }
  BOOST_REQUIRE_EQUAL(x.log.size(), 7U);
  BOOST_TEST((x.log.back().at - begin == 2500ms));
}

BOOST_AUTO_TEST_CASE(a_lamp_too_slow_to_blink_shines_steadily) {
  bench x{{.max_rate = 1}};
  x.run_for(2s);
  x.wish(repeating(show::blink, red, 1s));
  x.run_for(50s);
  BOOST_TEST(x.log.size() == 2U);
  BOOST_TEST(x.lamp.shows() == steady(red));
}

BOOST_DATA_TEST_CASE(nothing_flashes_more_than_three_times_a_second,
                     data::make({false, true}), blinks) {
  bench x{{.max_rate = 100, .burst = 10, .blinks = blinks}};
  x.latency = 0ms;
  x.wish(repeating(show::blink, red, 10ms));
  x.run_for(10s);
  for (int i = 0; i < 1000; ++i) { // nor do wishes flash it
    x.wish(lit(i % 2 == 0 ? green : red, 2s));
    x.run_for(10ms);
  }
  expect_no_faster_than_3_hz(x.log);
  if (blinks)
    BOOST_TEST((x.log[0].what.period >= 334ms));
}

BOOST_AUTO_TEST_CASE(a_wish_waits_while_a_command_is_in_flight) {
  engine lamp{{}};
  BOOST_TEST((lamp.next(start) == dark));
  lamp.wish(lit(green), start + 1s);
  BOOST_TEST(!lamp.next(start + 1s));
  BOOST_TEST(!lamp.wake_at(start + 1s));
  lamp.answered(good, start + 2s);
  BOOST_TEST((lamp.next(start + 2s) == steady(green)));
}

BOOST_AUTO_TEST_CASE(a_dead_lamp_is_tried_less_and_less_often) {
  bench x;
  x.broken = [] {
    return true;
  };
  x.run_for(1h);
  // Full jitter over 30 s: 15 s on average, once the wait has grown.
  BOOST_TEST(x.log.size() > 120U);
  BOOST_TEST(x.log.size() < 500U);
  BOOST_TEST(x.lamp.counters().errors == x.log.size());
  BOOST_TEST(x.lamp.state() == health::down);
}

BOOST_AUTO_TEST_CASE(a_healed_lamp_shows_the_last_wish_once) {
  bench x;
  x.run_for(1s);
  x.broken = [] {
    return true;
  };
  for (int i = 0; i < 100; ++i) {
    x.wish(lit(i % 2 == 0 ? red : blue, 10s));
    x.run_for(1s);
  }
  x.wish(lit(green));
  x.broken = [] {
    return false;
  };
  auto before = x.log.size();
  x.run_for(engine::last_retry + 1s);
  BOOST_TEST(x.log.size() == before + 1);
  BOOST_TEST(x.lamp.shows() == steady(green));
  BOOST_TEST(x.lamp.state() == health::up);
}

BOOST_AUTO_TEST_CASE(a_healed_lamp_is_tried_again_soon) {
  bench x;
  for (int i = 0; i < 20; ++i) {
    x.broken = [] {
      return true;
    };
    x.wish(lit(i % 2 == 0 ? red : blue));
    x.run_for(10min);
    x.broken = [] {
      return false;
    };
    x.run_for(engine::last_retry);
    x.broken = [failed = false]() mutable {
      return !std::exchange(failed, true);
    };
    x.wish(lit(green)); // fails once
    x.run_for(engine::first_retry + 100ms);
    BOOST_TEST(x.lamp.shows() == steady(green));
  }
}

BOOST_AUTO_TEST_CASE(one_failure_degrades_and_three_take_it_down) {
  engine lamp{{.max_rate = 100, .burst = 100}};
  const std::array expected{health::degraded, health::degraded, health::down};
  auto now = start;
  for (auto state : expected) {
    BOOST_REQUIRE(lamp.next(now));
    lamp.answered(bad, now);
    BOOST_TEST(lamp.state() == state);
    now += 1min;
  }
}

BOOST_AUTO_TEST_CASE(a_lamp_that_refuses_us_is_probed_every_five_minutes) {
  engine lamp{{.max_rate = 100, .burst = 100}};
  BOOST_REQUIRE(lamp.next(start));
  lamp.answered({outcome::destination_fault, "wrong key", {}, 0}, start);
  BOOST_TEST(lamp.state() == health::misconfigured);
  lamp.wish(lit(red), start + 1s);
  BOOST_TEST(!lamp.next(start + 299s));
  BOOST_TEST((lamp.wake_at(start + 299s) == start + 5min));
  BOOST_TEST((lamp.next(start + 5min) == steady(red)));
  lamp.answered(good, start + 5min);
  BOOST_TEST(lamp.state() == health::up);
}

BOOST_AUTO_TEST_CASE(a_lamp_that_asks_for_time_gets_it_and_half_the_rate) {
  bench x{{.max_rate = 4, .burst = 1}};
  x.run_for(10s);
  engine& lamp = x.lamp;
  lamp.wish(lit(red), x.now);
  BOOST_REQUIRE(lamp.next(x.now));
  lamp.answered({outcome::slow_down, "429", 20s, 0}, x.now);
  BOOST_TEST((*lamp.wake_at(x.now) >= x.now + 20s));
  x.run_for(20s);
  const auto before = x.log.size();
  for (int i = 0; i < 100; ++i) {
    x.wish(lit(i % 2 == 0 ? green : red));
    x.run_for(100ms);
  }
  // 4 a second would be 40; half of it recovers a tenth every 10 seconds.
  BOOST_TEST(x.log.size() - before <= 32U);
  BOOST_TEST(x.log.size() - before >= 18U);
}

BOOST_AUTO_TEST_CASE(lamps_of_one_bridge_share_its_rate) {
  const auto box = std::make_shared<pace>(10, 10);
  const engine::options each{.max_rate = 5, .burst = 5, .bridge = box};
  std::vector<bench> lamps;
  for (int i = 0; i < 6; ++i)
    lamps.emplace_back(each);
  std::vector<sent> all;
  for (int i = 0; i < 100; ++i)
    for (auto& x : lamps) {
      x.wish(lit(i % 2 == 0 ? green : red));
      x.run_for(50ms);
    }
  for (const auto& x : lamps) {
    BOOST_TEST(x.log.size() > 1U); // none starves
    all.insert(all.end(), x.log.begin(), x.log.end());
  }
  std::ranges::sort(all, {}, &sent::at);
  expect_at_most(all, 10, 10);
}

BOOST_AUTO_TEST_CASE(what_is_held_is_shown_below_events_and_until_released) {
  bench x;
  auto busy = lit(blue, {}, 10);
  x.lamp.hold("level 0", busy, x.now);
  x.run_for(1s);
  BOOST_TEST(x.lamp.shows() == steady(blue));
  x.wish(lit(green, 2s));
  x.run_for(1s);
  BOOST_TEST(x.lamp.shows() == steady(green));
  x.run_for(2s);
  BOOST_TEST(x.lamp.shows() == steady(blue));
  busy.color = red;
  x.lamp.hold("level 0", busy, x.now);
  x.run_for(1s);
  BOOST_TEST(x.lamp.shows() == steady(red));
  x.lamp.release("level 0");
  x.run_for(1s);
  BOOST_TEST(x.lamp.shows() == dark);
}

BOOST_AUTO_TEST_CASE(of_equal_priority_what_changed_last_is_shown) {
  bench x;
  x.lamp.hold("users", lit(green, {}, 10), x.now);
  x.run_for(1s);
  x.lamp.hold("events", lit(blue, {}, 10), x.now);
  x.run_for(1s);
  BOOST_TEST(x.lamp.shows() == steady(blue));
  x.lamp.hold("users", lit(red, {}, 10), x.now);
  x.run_for(1s);
  BOOST_TEST(x.lamp.shows() == steady(red));
  x.wish(lit(green, 2s, 10));
  x.run_for(1s);
  BOOST_TEST(x.lamp.shows() == steady(green));
}

BOOST_AUTO_TEST_CASE(a_cover_hides_what_is_not_more_important) {
  bench x{{.idle = lit(blue)}};
  effect quiet;
  quiet.priority = 40;
  x.lamp.cover(quiet, x.now);
  x.wish(lit(green, {}, 20));
  x.lamp.hold("level 0", lit(green, {}, 40), x.now + 1ms);
  x.wish(lit(green, {}, 40));
  x.run_for(1s);
  BOOST_TEST(x.lamp.shows() == dark);
  x.wish(lit(red, 2s, 41));
  x.run_for(1s);
  BOOST_TEST(x.lamp.shows() == steady(red));
  x.run_for(2s);
  BOOST_TEST(x.lamp.shows() == dark);
  x.lamp.cover({}, x.now);
  x.run_for(1s);
  BOOST_TEST(x.lamp.shows() == steady(green));
}

BOOST_AUTO_TEST_CASE(a_covered_lamp_says_farewell_in_its_cover) {
  engine lamp{{.idle = lit(blue)}};
  lamp.cover(effect{}, start);
  BOOST_TEST((lamp.next(start) == dark));
  lamp.answered(good, start);
  BOOST_TEST(!lamp.farewell(start));
}

BOOST_AUTO_TEST_CASE(a_bridge_that_asks_for_time_gets_it_from_all_its_lamps) {
  const auto box = std::make_shared<pace>(10, 10);
  const engine::options each{.max_rate = 5, .burst = 5, .bridge = box};
  engine first{each};
  engine second{each};
  BOOST_REQUIRE(first.next(start));
  first.answered({outcome::slow_down, "429", 30s, 0}, start);
  BOOST_TEST(!second.next(start + 29s));
  BOOST_TEST((*second.wake_at(start + 29s) >= start + 30s));
  BOOST_TEST(second.next(start + 31s).has_value());
}

BOOST_AUTO_TEST_CASE(a_wish_that_waits_for_a_dead_lamp_waits_all_the_time) {
  bench x;
  x.run_for(1s);
  x.broken = [] {
    return true;
  };
  x.wish(lit(green));
  x.run_for(10min);
  BOOST_TEST(x.lamp.counters().shown == 0U);
  x.broken = [] {
    return false;
  };
  x.run_for(engine::last_retry + 1s);
  BOOST_TEST(x.lamp.counters().shown == 1U);
  BOOST_TEST((x.lamp.counters().latency > 10min));
}

BOOST_AUTO_TEST_CASE(a_wish_behind_another_one_is_no_command_of_its_own) {
  bench x{{.max_rate = 5}};
  x.run_for(1s);
  auto alarm = repeating(show::blink, red, 1s);
  alarm.priority = 40;
  x.wish(alarm);
  x.run_for(100ms);
  x.wish(lit(green, 2s));
  x.run_for(3s);
  BOOST_TEST(x.lamp.counters().shown == 1U);
  BOOST_TEST(x.lamp.counters().coalesced == 1U);
}

BOOST_AUTO_TEST_CASE(holding_the_same_again_keeps_the_rhythm_of_its_blink) {
  bench x{{.max_rate = 5}};
  x.run_for(1s);
  const auto begin = x.now;
  auto alarm = repeating(show::blink, red, 1s);
  for (int i = 0; i < 29; ++i) {
    x.lamp.hold("level 0", alarm, x.now);
    x.run_for(100ms);
  }
  BOOST_REQUIRE_EQUAL(x.log.size(), 7U);
  BOOST_TEST((x.log.back().at - begin == 2500ms));
}

BOOST_AUTO_TEST_CASE(a_lamp_that_forgets_is_told_as_often_as_it_needs) {
  bench x{{.max_rate = 40, .reassert = 800ms}};
  x.run_for(10s);
  BOOST_TEST(x.log.size() >= 12U);
  BOOST_TEST(x.log.size() <= 14U);
}

BOOST_AUTO_TEST_CASE(a_pulse_of_a_lamp_that_only_blinks_is_switched) {
  bench x{{.max_rate = 5, .blinks = true}};
  x.run_for(1s);
  x.wish(repeating(show::pulse, red, 1s));
  x.run_for(1900ms);
  BOOST_TEST(x.log.size() == 5U);
  BOOST_TEST(x.log[1].what == steady(red));
}

BOOST_AUTO_TEST_CASE(tells_how_long_wishes_waited) {
  bench x{{.max_rate = 1}};
  x.latency = 20ms;
  x.run_for(10s);
  x.wish(lit(green));
  x.run_for(500ms);
  x.wish(lit(blue)); // the next command may go out half a second from here
  x.run_for(100ms);
  x.wish(lit(red));
  x.run_for(1s);
  BOOST_TEST(x.lamp.counters().shown == 2U);
  BOOST_TEST((x.lamp.counters().latency == 20ms + 500ms + 20ms));
}

BOOST_AUTO_TEST_CASE(says_farewell_at_once_whatever_the_pace) {
  engine lamp{{.idle = lit(blue), .max_rate = 0.1}};
  BOOST_REQUIRE(lamp.next(start));
  lamp.answered(good, start);
  BOOST_TEST(!lamp.farewell(start)); // it is idle
  lamp.wish(lit(red, {}, 90), start + 10s);
  BOOST_REQUIRE(lamp.next(start + 10s));
  lamp.answered(good, start + 10s);
  BOOST_TEST((lamp.farewell(start + 10s) == steady(blue)));
}

BOOST_AUTO_TEST_CASE(rests_when_told_to) {
  bench x{{.idle = lit(blue)}};
  x.wish(lit(red, {}, 50));
  x.run_for(1s);
  x.lamp.rest();
  x.run_for(500ms);
  BOOST_TEST(x.lamp.shows() == steady(blue));
}

// Whatever happens, in whatever order: never too fast, the highest wish shown,
// and idle in the end.
BOOST_DATA_TEST_CASE(any_course_of_events_ends_well, data::xrange(200), seed) {
  std::mt19937_64 random{static_cast<std::uint64_t>(seed)};
  auto up_to = [&](int n) {
    return std::uniform_int_distribution<int>{0, n}(random);
  };
  const std::vector colors{red, green, blue};
  engine::options opts{.max_rate = 0.5 + up_to(20),
                       .burst = 1.0 + up_to(3),
                       .blinks = up_to(1) == 1,
                       .pulses = up_to(1) == 1,
                       .seed = random()};
  bench x{opts};
  x.latency = up_to(300) * 1ms;
  auto fails = up_to(2) * 40;
  x.broken = [&] {
    return up_to(99) < fails;
  };
  std::uint64_t wishes = 0;
  for (int i = 0; i < 300; ++i) {
    effect wish{.what = static_cast<show>(up_to(4)),
                .color = colors.at(static_cast<std::size_t>(up_to(2))),
                .period = up_to(2000) * 1ms,
                .lasts = up_to(3000) * 1ms,
                .priority = 1 + up_to(3)};
    for (auto repeats = up_to(3); repeats >= 0; --repeats, ++wishes)
      x.wish(wish);
    x.run_for(up_to(500) * 1ms);
  }
  // Healed, the highest wish is shown within one wait, however low it once was.
  x.broken = [] {
    return false;
  };
  x.wish(lit(green, 2min, 90));
  x.wish(lit(red, 2min, 80));
  x.run_for(engine::last_retry + 3s);
  BOOST_TEST(x.lamp.shows() == steady(green));
  x.run_for(3min);
  BOOST_TEST(x.lamp.shows() == dark);

  const auto& counters = x.lamp.counters();
  BOOST_TEST(counters.events == wishes + 2);
  BOOST_TEST(counters.commands == x.log.size());
  BOOST_TEST(counters.coalesced <= counters.events);
  expect_at_most(x.log, opts.max_rate, opts.burst);
  expect_no_faster_than_3_hz(x.log);
}
