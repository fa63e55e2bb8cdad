#include "policy/breaker.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>

using namespace signalbox;
using namespace std::chrono_literals;

namespace {

constexpr mono_time start{1h};

struct fixture {
  breaker circuit{3, 1s, 5s};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_breaker, fixture)

BOOST_AUTO_TEST_CASE(opens_after_failures_in_a_row) {
  circuit.failed(start);
  circuit.failed(start);
  circuit.succeeded();
  circuit.failed(start);
  circuit.failed(start);
  BOOST_TEST(circuit.allows(start));
  circuit.failed(start);
  BOOST_TEST(to_string(circuit.state()) == "open");
  BOOST_TEST(!circuit.allows(start));
  BOOST_TEST((circuit.retry_at() == start + 1s));
}

BOOST_AUTO_TEST_CASE(lets_one_probe_through_after_the_pause) {
  circuit.trip(start);
  BOOST_TEST(!circuit.allows(start + 1s - 1ns));
  BOOST_TEST(circuit.allows(start + 1s));
  BOOST_TEST(to_string(circuit.state()) == "half_open");
  BOOST_TEST(!circuit.allows(start + 1s));
  BOOST_TEST(!circuit.allows(start + 1h));
}

BOOST_AUTO_TEST_CASE(closes_when_the_probe_succeeds) {
  circuit.trip(start);
  BOOST_TEST(circuit.allows(start + 1s));
  circuit.succeeded();
  BOOST_TEST(to_string(circuit.state()) == "closed");
  BOOST_TEST(circuit.allows(start + 1s));
  // The failures before no longer count.
  circuit.failed(start + 2s);
  circuit.failed(start + 2s);
  BOOST_TEST(circuit.allows(start + 2s));
}

BOOST_AUTO_TEST_CASE(doubles_the_pause_each_time_the_probe_fails) {
  circuit.trip(start);
  for (const auto pause : {1s, 2s, 4s, 5s, 5s}) {
    const auto opened = circuit.retry_at() - pause;
    BOOST_TEST(!circuit.allows(opened + pause - 1ns));
    BOOST_TEST(circuit.allows(opened + pause));
    circuit.failed(opened + pause);
    BOOST_TEST(to_string(circuit.state()) == "open");
  }
  BOOST_TEST(circuit.allows(circuit.retry_at()));
  circuit.succeeded();
  circuit.trip(start + 1h);
  BOOST_TEST((circuit.retry_at() == start + 1h + 1s));
}

BOOST_AUTO_TEST_CASE(opens_at_once_when_tripped) {
  circuit.trip(start);
  BOOST_TEST(to_string(circuit.state()) == "open");
}

BOOST_AUTO_TEST_CASE(does_not_wait_longer_for_late_failures) {
  circuit.trip(start);
  circuit.failed(start + 900ms);
  circuit.trip(start + 900ms);
  BOOST_TEST((circuit.retry_at() == start + 1s));
  BOOST_TEST(circuit.allows(start + 1s));
}

BOOST_AUTO_TEST_CASE(closes_for_a_late_success) {
  circuit.trip(start);
  circuit.succeeded();
  BOOST_TEST(circuit.allows(start));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(opens_at_the_first_failure_if_none_is_allowed) {
  breaker circuit{0, 1s, 1s};
  BOOST_TEST(circuit.allows(start));
  circuit.failed(start);
  BOOST_TEST(!circuit.allows(start));
}

BOOST_AUTO_TEST_CASE(never_pauses_longer_than_the_longest_pause) {
  breaker circuit{1, 1min, 10s};
  circuit.failed(start);
  BOOST_TEST((circuit.retry_at() == start + 10s));
}
