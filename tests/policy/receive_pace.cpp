#include "policy/receive_pace.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>

using namespace signalbox;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t full = 64;
constexpr std::size_t room = 100;

/// Receives from a steady stream as ingest does: what has arrived since the
/// last time, `full` at most; then pauses. When nothing is there, it waits for
/// the next.
struct steady_stream {
  explicit steady_stream(double per_second) : between(1.0 / per_second) {
    // nop
  }

  double between; // seconds
  double next = 0;
  double now = 0;
  receive_pace pace{full, room};
  std::size_t rounds = 0;
  std::size_t events = 0;
  duration longest_pause{0};

  void run_for(double seconds) {
    for (const auto end = now + seconds; now < end;) {
      now = std::max(now, next);
      std::size_t taken = 0;
      for (; taken < full && next <= now; ++taken)
        next += between;
      ++rounds;
      events += taken;
      const auto pause = pace.pause_after(
        taken, mono_time{duration{static_cast<std::int64_t>(now * 1e9)}});
      longest_pause = std::max(longest_pause, pause);
      now += std::chrono::duration<double>{pause}.count();
    }
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(never_makes_a_rare_event_wait) {
  steady_stream stream{1'000};
  stream.run_for(2);
  BOOST_TEST((stream.longest_pause == 0ns));
}

BOOST_AUTO_TEST_CASE(gathers_a_stream_into_rounds) {
  steady_stream stream{100'000};
  stream.run_for(1);
  BOOST_TEST(stream.rounds < stream.events / 30);
}

BOOST_AUTO_TEST_CASE(lets_no_more_wait_than_there_is_room_for) {
  steady_stream stream{400'000};
  stream.run_for(0.1); // The rate is known.
  stream.longest_pause = {};
  stream.run_for(1);
  BOOST_TEST((stream.longest_pause > 0ns));
  BOOST_TEST((stream.longest_pause <= 275us)); // 110 of them.
}

BOOST_AUTO_TEST_CASE(never_pauses_for_longer_than_it_may) {
  steady_stream stream{20'000};
  stream.run_for(1);
  BOOST_TEST((stream.longest_pause == receive_pace::longest));
}

BOOST_AUTO_TEST_CASE(looks_at_once_while_more_is_there) {
  receive_pace pace{full, room};
  mono_time now{1s};
  for (auto i = 0; i < 100; ++i)
    BOOST_TEST((pace.pause_after(full, now += 20us) == 0ns));
}

BOOST_AUTO_TEST_CASE(forgets_a_storm) {
  steady_stream storm{200'000};
  storm.run_for(1);
  BOOST_TEST((storm.longest_pause > 0ns));
  mono_time now{10s};
  storm.pace.pause_after(1, now);
  BOOST_TEST((storm.pace.pause_after(1, now + 1ms) == 0ns));
}
