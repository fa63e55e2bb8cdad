#include "lights/level.hpp"
#include "tests/lights/configured.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

using namespace signalbox;
using namespace signalbox::lights;
using namespace signalbox::lights::test;
using namespace std::chrono_literals;

namespace {

const auto start = mono_time{} + 1h;

std::string level(const std::string& keys) {
  return "driver = \"virtual\"\n[[light.level]]\n" + keys;
}

} // namespace

BOOST_AUTO_TEST_CASE(shows_the_highest_step_that_is_reached) {
  configured x{level(R"(
    of    = "active_users"
    steps = [{ from = 20, color = "amber" }, { from = 1, color = "green" },
             { from = 50, color = "red", show = "pulse" }]
  )")};
  BOOST_TEST(x.complaint() == "");
  const auto& rule = x.rules.levels.at(0);
  BOOST_TEST(rule.at(0) == nullptr);
  BOOST_TEST(to_hex(rule.at(1)->color.mix) == "#00ff00");
  BOOST_TEST(to_hex(rule.at(19)->color.mix) == "#00ff00");
  BOOST_TEST(to_hex(rule.at(20)->color.mix) == "#ffbf00");
  BOOST_TEST((rule.at(1'000'000)->what == show::pulse));
  BOOST_TEST(rule.at(50)->priority == 10);
}

BOOST_AUTO_TEST_CASE(a_step_from_nothing_is_always_shown) {
  configured x{level(R"(
    of       = "breaker_open"
    priority = 30
    steps    = [{ from = 0, color = "green" }, { from = 1, color = "red" }]
  )")};
  BOOST_TEST(x.complaint() == "");
  BOOST_TEST(to_hex(x.rules.levels.at(0).at(0)->color.mix) == "#00ff00");
  BOOST_TEST(x.rules.levels.at(0).at(0)->priority == 30);
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_a_level) {
  const struct {
    const char* keys;
    const char* words;
  } rows[]{
    {R"(steps = [{ color = "red" }])", "of"},
    {R"(of = "active_user"
steps = [{ color = "red" }])",
     "did you mean 'active_users'?"},
    {R"(of = "active_users")", "steps"},
    {R"(of = "active_users"
steps = [{ from = -1, color = "red" }])",
     "from"},
    {R"(of = "active_users"
match = { kind = "session_start" }
steps = [{ color = "red" }])",
     "is for events_per_minute"},
    {R"(of = "connections"
destination = "x"
steps = [{ color = "red" }])",
     "is for breaker_open"},
    {R"(of = "breaker_open"
server = "x"
steps = [{ color = "red" }])",
     "is for active_users and connections"},
    {R"(of = "connections"
steps = [{ colour = "red" }])",
     "colour"},
  };
  for (const auto& x : rows) {
    const configured made{level(x.keys)};
    BOOST_TEST_CONTEXT(x.keys << made.complaint())
    BOOST_TEST(made.complaint().find(x.words) != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(counts_what_happened_within_a_minute) {
  minute_count count;
  BOOST_TEST(count.at(start) == 0U);
  for (int i = 0; i < 120; ++i)
    count.add(start + i * 1s);
  BOOST_TEST(count.at(start + 119s) == 60U);
  BOOST_TEST(count.at(start + 149s) == 30U);
  BOOST_TEST(count.at(start + 179s) == 0U);
  count.add(start + 24h);
  BOOST_TEST(count.at(start + 24h) == 1U);
}

BOOST_AUTO_TEST_CASE(a_minute_counts_many_events_of_one_second) {
  minute_count count;
  for (int i = 0; i < 1000; ++i)
    count.add(start);
  BOOST_TEST(count.at(start + 59s) == 1000U);
  BOOST_TEST(count.at(start + 60s) == 0U);
}
