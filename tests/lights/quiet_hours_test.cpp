#include "lights/quiet_hours.hpp"
#include "tests/lights/configured.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <string>

using namespace signalbox;
using namespace signalbox::lights;
using namespace signalbox::lights::test;
using namespace std::chrono_literals;

namespace {

enum : unsigned { sunday, monday, friday = 5, saturday };

configured quiet(const std::string& keys) {
  return configured{"driver = \"virtual\"\nquiet = { " + keys + " }\n"};
}

bool holds(const configured& x, unsigned weekday, std::chrono::minutes time) {
  BOOST_REQUIRE(x.complaint().empty());
  return x.rules.quiet.value().hold_at({weekday, time});
}

} // namespace

BOOST_AUTO_TEST_CASE(is_quiet_from_its_beginning_until_before_its_end) {
  const auto x = quiet(R"(from = "12:00", to = "13:30")");
  BOOST_TEST(!holds(x, monday, 12h - 1min));
  BOOST_TEST(holds(x, monday, 12h));
  BOOST_TEST(holds(x, sunday, 13h + 29min));
  BOOST_TEST(!holds(x, sunday, 13h + 30min));
}

BOOST_AUTO_TEST_CASE(goes_over_midnight) {
  const auto x = quiet(R"(from = "22:00", to = "07:00")");
  BOOST_TEST(holds(x, monday, 23h));
  BOOST_TEST(holds(x, monday, 0min));
  BOOST_TEST(holds(x, monday, 7h - 1min));
  BOOST_TEST(!holds(x, monday, 7h));
  BOOST_TEST(!holds(x, monday, 21h + 59min));
}

BOOST_AUTO_TEST_CASE(a_night_belongs_to_the_day_on_which_it_begins) {
  const auto x =
    quiet(R"(from = "22:00", to = "07:00", days = ["fri", "sat"])");
  BOOST_TEST(!holds(x, friday, 6h));
  BOOST_TEST(holds(x, friday, 22h));
  BOOST_TEST(holds(x, saturday, 6h));
  BOOST_TEST(holds(x, sunday, 6h));
  BOOST_TEST(!holds(x, sunday, 22h));
  BOOST_TEST(!holds(x, monday, 6h));
}

BOOST_AUTO_TEST_CASE(a_whole_day_is_from_0_to_24) {
  const auto x = quiet(R"(from = "00:00", to = "24:00", days = "sun")");
  BOOST_TEST(holds(x, sunday, 0min));
  BOOST_TEST(holds(x, sunday, 24h - 1min));
  BOOST_TEST(!holds(x, monday, 0min));
}

BOOST_AUTO_TEST_CASE(is_dark_meanwhile_unless_told_otherwise) {
  const auto dark = quiet(R"(from = "22:00", to = "07:00")");
  BOOST_TEST((dark.rules.quiet->meanwhile().what == show::off));
  BOOST_TEST(dark.rules.quiet->meanwhile().priority == 100);
  const auto dim = quiet(R"(from = "22:00", to = "07:00", color = "blue", )"
                         "brightness = 0.05, priority = 39");
  BOOST_REQUIRE_EQUAL(dim.complaint(), "");
  BOOST_TEST(dim.rules.quiet->meanwhile().brightness == 0.05);
  BOOST_TEST(dim.rules.quiet->meanwhile().priority == 39);
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_a_schedule) {
  const struct {
    const char* keys;
    const char* words;
  } rows[]{
    {R"(from = "22:00")", "to"},
    {R"(from = "22", to = "07:00")", "no time of day"},
    {R"(from = "25:00", to = "07:00")", "no time of day"},
    {R"(from = "24:01", to = "07:00")", "no time of day"},
    {R"(from = "12:60", to = "07:00")", "no time of day"},
    {R"(from = "07:00", to = "07:00")", "the same as 'from'"},
    {R"(from = "22:00", to = "07:00", days = "mony")", "is no weekday"},
    {R"(from = "22:00", to = "07:00", days = ["mon", "sur"])",
     "did you mean 'sun'?"},
  };
  for (const auto& x : rows) {
    const auto made = quiet(x.keys);
    BOOST_TEST_CONTEXT(x.keys << made.complaint())
    BOOST_TEST(made.complaint().find(x.words) != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(looks_at_the_clock_on_the_wall) {
  // Sydney is eleven hours ahead of UTC in November.
  setenv("TZ", "AEST-10AEDT,M10.1.0,M4.1.0/3", 1);
  tzset();
  // 2026-11-22 15:30 UTC, a Sunday.
  const auto x = local_moment_of(wall_time{1'795'361'400s});
  BOOST_TEST(x.weekday == monday);
  BOOST_TEST((x.time == 2h + 30min));
}
