// The reports of the USB lamps, byte for byte, and their configuration.
#include "lights/usb/models.hpp"
#include "tests/lights/reports.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <ostream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>

using namespace signalbox;
using namespace signalbox::lights;
using namespace signalbox::lights::test;
using namespace std::chrono_literals;

namespace {

namespace data = boost::unit_test::data;

constexpr auto* blink1 = "driver = \"blink1\"\n";
constexpr auto* luxafor = "driver = \"luxafor\"\n";
constexpr auto* blinkstick = "driver = \"blinkstick\"\n";
constexpr auto* blynclight = "driver = \"blynclight\"\n";
constexpr auto* busylight = "driver = \"busylight\"\n";

// What comes before each command of a blink(1) that is lit, and that is dark:
// on an mk3, this would end a pattern that plays.
constexpr auto* tended = "01 44 01 0b b8 01 04 04 00";
constexpr auto* untended = "01 44 00 0b b8 01 04 04 00";

/// With the last command known, so that nothing is prepared.
lines settled(driver& x, const command& what) {
  const auto other = lit("#010203");
  return reports(x, what, &other);
}

struct mistake {
  const char* keys;
  const char* words;
};

std::ostream& operator<<(std::ostream& out, const mistake& x) {
  return out << x.keys;
}

const std::vector<mistake> mistakes{
  {"driver = \"blink1\"\nled = \"3\"\n", "all, 1, 2"},
  {"driver = \"blink1\"\nled = 1\n", "quotes"},
  {"driver = \"blink1\"\nserial = \"\"\n", "leave it out"},
  {"driver = \"blink1\"\nseril = \"2000\"\n", "serial"},
  {"driver = \"luxafor\"\nled = \"left\"\n", "front"},
  {"driver = \"blinkstick\"\nled = \"64\"\n", "\"63\""},
  {"driver = \"blinkstick\"\nled = \"1a\"\n", "\"63\""},
  {"driver = \"blinkstick\"\nled = \"1\"\nleds = 8\n", "names one of them"},
  {"driver = \"blinkstick\"\nleds = 65\n", "leds"},
  {"driver = \"blynclight\"\nled = \"1\"\n", "all"},
  {"driver = \"busylight\"\nled = \"1\"\n", "all"},
};

// "27b8:01ed"
using usb_id = std::pair<std::string, std::string>;

} // namespace

BOOST_DATA_TEST_CASE(says_what_is_wrong_with_a_lamp, data::make(mistakes), x) {
  const configured lamp{x.keys};
  BOOST_TEST_CONTEXT(lamp.complaint())
  BOOST_TEST(lamp.complaint().find(x.words) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_mistake_makes_no_lamp) {
  for (const auto* driver :
       {blink1, luxafor, blinkstick, blynclight, busylight}) {
    BOOST_TEST(configured{driver}.it != nullptr, driver);
    const configured lamp{fmt::format("{}led = \"none\"\n", driver)};
    BOOST_TEST(lamp.it == nullptr, driver);
  }
}

BOOST_AUTO_TEST_CASE(blink1_glides_at_once_to_its_colour) {
  const configured lamp{blink1};
  BOOST_TEST(lamp.complaint().empty());
  BOOST_TEST(settled(*lamp.it, lit("green"))
               == (lines{tended, "01 63 00 ff 00 00 01 00 00"}),
             boost::test_tools::per_element());
  BOOST_TEST(settled(*lamp.it, lit("#ff8000", 0.5))
               == (lines{tended, "01 63 80 40 00 00 01 00 00"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(blink1_needs_no_tending_when_it_is_dark) {
  const configured lamp{blink1};
  BOOST_TEST(settled(*lamp.it, dark)
               == (lines{untended, "01 63 00 00 00 00 01 00 00"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(blink1_fades_for_as_long_as_asked) {
  const configured lamp{blink1};
  BOOST_TEST(settled(*lamp.it, moving(show::fade, "red", 10s))
               == (lines{tended, "01 63 ff 00 00 03 e8 00 00"}),
             boost::test_tools::per_element());
  BOOST_TEST(settled(*lamp.it, moving(show::fade, "red", 1h))
               == (lines{tended, "01 63 ff 00 00 ff ff 00 00"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(blink1_blinks_by_itself_without_end) {
  const configured lamp{blink1};
  BOOST_TEST(lamp.it->can().blinks);
  BOOST_TEST(settled(*lamp.it, moving(show::blink, "red", 1s))
               == (lines{tended,
                         "01 50 ff 00 00 00 01 00 00",   // red at once
                         "01 50 ff 00 00 00 31 01 00",   // for half a second
                         "01 50 00 00 00 00 01 02 00",   // dark at once
                         "01 50 00 00 00 00 31 03 00",   // for half a second
                         "01 70 01 00 03 00 00 00 00"}), // again and again
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(blink1_pulses_by_itself_without_end) {
  const configured lamp{blink1};
  BOOST_TEST(lamp.it->can().pulses);
  BOOST_TEST(
    settled(*lamp.it, moving(show::pulse, "blue", 2s))
      == (lines{tended, "01 50 00 00 ff 00 64 00 00",
                "01 50 00 00 00 00 64 01 00", "01 70 01 00 01 00 00 00 00"}),
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(blink1_never_flashes_faster_than_is_safe) {
  const configured lamp{blink1};
  const auto x = settled(*lamp.it, moving(show::blink, "red", shortest_period));
  // 10 ms and 160 ms, twice: 2.9 times a second.
  BOOST_TEST(x.at(2) == "01 50 ff 00 00 00 10 01 00");
  BOOST_TEST(x.at(4) == "01 50 00 00 00 00 10 03 00");
}

BOOST_AUTO_TEST_CASE(blink1_is_prepared_when_nothing_is_certain) {
  const configured lamp{blink1};
  BOOST_TEST(reports(*lamp.it, lit("green"))
               == (lines{"01 70 00 00 00 00 00 00 00", // stop playing
                         "01 6c 00 00 00 00 00 00 00", // lines are for all
                         "01 50 00 00 00 00 01 04 00", // a dark line
                         tended, "01 63 00 ff 00 00 01 00 00"}),
             boost::test_tools::per_element());
}

// Someone else may have switched it off, or the watchdog has while the machine
// was asleep. The pattern itself is still in the lamp.
BOOST_AUTO_TEST_CASE(blink1_that_went_dark_blinks_again_when_told_again) {
  const configured lamp{blink1};
  const auto blinks = moving(show::blink, "red", 1s);
  BOOST_TEST(reports(*lamp.it, blinks, &blinks)
               == (lines{tended, "01 70 01 00 03 00 00 00 00"}),
             boost::test_tools::per_element());
  const auto pulses = moving(show::pulse, "red", 1s);
  BOOST_TEST(reports(*lamp.it, pulses, &pulses)
               == (lines{tended, "01 70 01 00 01 00 00 00 00"}),
             boost::test_tools::per_element());
  const auto steady = lit("red");
  BOOST_TEST(reports(*lamp.it, steady, &steady)
               == (lines{tended, "01 63 ff 00 00 00 01 00 00"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(blink1_goes_dark_when_the_engine_has_been_dead_for_30s) {
  const configured lamp{blink1};
  // It is told again three times before that.
  BOOST_TEST(lamp.it->can().reassert == duration{10s});
  BOOST_TEST(settled(*lamp.it, lit("red")).front() == tended);
}

BOOST_AUTO_TEST_CASE(one_led_of_a_blink1_leaves_the_other_alone) {
  const configured lamp{"driver = \"blink1\"\nled = \"2\"\n"};
  BOOST_TEST(!lamp.it->can().blinks);
  BOOST_TEST(!lamp.it->can().pulses);
  BOOST_TEST(settled(*lamp.it, lit("green"))
               == (lines{tended, "01 63 00 ff 00 00 01 02 00"}),
             boost::test_tools::per_element());
  // The other one may be lit.
  BOOST_TEST(settled(*lamp.it, dark)
               == (lines{tended, "01 63 00 00 00 00 01 02 00"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(luxafor_shows_a_colour_on_all_sides) {
  const configured lamp{luxafor};
  BOOST_TEST(lamp.complaint().empty());
  BOOST_TEST(!lamp.it->can().blinks);
  BOOST_TEST(reports(*lamp.it, lit("green"))
               == lines{"00 01 ff 00 ff 00 00 00 00"},
             boost::test_tools::per_element());
  BOOST_TEST(reports(*lamp.it, lit("#ff8000", 0.5))
               == lines{"00 01 ff 80 40 00 00 00 00"},
             boost::test_tools::per_element());
  BOOST_TEST(reports(*lamp.it, dark) == lines{"00 01 ff 00 00 00 00 00 00"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(luxafor_fades_no_longer_than_asked) {
  const configured lamp{luxafor};
  BOOST_TEST(reports(*lamp.it, moving(show::fade, "red", 2500ms))
               == lines{"00 02 ff ff 00 00 02 00 00"},
             boost::test_tools::per_element());
  BOOST_TEST(reports(*lamp.it, moving(show::fade, "red", 1h)).at(0)
             == "00 02 ff ff 00 00 ff 00 00");
}

BOOST_AUTO_TEST_CASE(luxafor_knows_its_sides_and_leds) {
  for (const auto& [led, code] :
       {std::pair{"front", "41"}, {"back", "42"}, {"1", "01"}, {"6", "06"}}) {
    const configured lamp{fmt::format("{}led = \"{}\"\n", luxafor, led)};
    BOOST_TEST(lamp.complaint().empty());
    // For LED 6 this is what the hid-led driver of Linux sends.
    BOOST_TEST(reports(*lamp.it, lit("green")).at(0)
               == fmt::format("00 01 {} 00 ff 00 00 00 00", code));
  }
}

BOOST_AUTO_TEST_CASE(blinkstick_shows_a_colour_on_eight_leds) {
  const configured lamp{blinkstick};
  BOOST_TEST(lamp.complaint().empty());
  // Green comes first.
  std::string expected = "06 00";
  for (auto i = 0; i < 8; ++i)
    expected += " 20 10 30";
  BOOST_TEST(reports(*lamp.it, lit("#102030")) == lines{expected},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(blinkstick_takes_the_report_that_fits_its_leds) {
  for (const auto& [leds, head, size] : {std::tuple{2, "06 00", 26U},
                                         {9, "07 00", 50U},
                                         {17, "08 00", 98U},
                                         {64, "09 00", 194U}}) {
    const configured lamp{fmt::format("{}leds = {}\n", blinkstick, leds)};
    const auto x = reports(*lamp.it, lit("white")).at(0);
    BOOST_TEST(x.starts_with(head));
    BOOST_TEST(x.size() == size * 3 - 1);
  }
}

BOOST_AUTO_TEST_CASE(a_single_led_of_a_blinkstick_takes_red_first) {
  const configured first{"driver = \"blinkstick\"\nleds = 1\n"};
  BOOST_TEST(reports(*first.it, lit("#102030")).at(0) == "01 10 20 30");
  const configured last{"driver = \"blinkstick\"\nled = \"7\"\n"};
  BOOST_TEST(last.complaint().empty());
  BOOST_TEST(reports(*last.it, lit("#102030")).at(0) == "05 00 07 10 20 30");
  BOOST_TEST(reports(*last.it, dark).at(0) == "05 00 07 00 00 00");
}

BOOST_AUTO_TEST_CASE(blynclight_takes_blue_before_green) {
  const configured lamp{blynclight};
  BOOST_TEST(lamp.complaint().empty());
  BOOST_TEST(!lamp.it->can().blinks);
  BOOST_TEST(reports(*lamp.it, lit("#102030"))
               == lines{"00 10 30 20 00 00 00 ff 22"},
             boost::test_tools::per_element());
  BOOST_TEST(reports(*lamp.it, dark) == lines{"00 00 00 00 01 00 00 ff 22"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(busylight_runs_a_program_of_one_step) {
  const configured lamp{busylight};
  BOOST_TEST(lamp.complaint().empty());
  std::string rest;
  for (auto i = 0; i < 6 * 8 + 3; ++i)
    rest += " 00";
  // 10 + 64 + 3 times ff = 0371.
  BOOST_TEST(
    reports(*lamp.it, lit("green"))
      == lines{"00 10 00 00 64 00 00 00 00" + rest + " ff ff ff 03 71"},
    boost::test_tools::per_element());
  BOOST_TEST(
    reports(*lamp.it, dark)
      == lines{"00 10 00 00 00 00 00 00 00" + rest + " ff ff ff 03 0d"},
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(busylight_blinks_by_itself_but_never_too_fast) {
  const configured lamp{busylight};
  BOOST_TEST(lamp.it->can().blinks);
  BOOST_TEST(!lamp.it->can().pulses);
  BOOST_TEST(reports(*lamp.it, moving(show::blink, "red", 1s))
               .at(0)
               .starts_with("00 10 00 64 00 00 05 05 00"));
  BOOST_TEST(reports(*lamp.it, moving(show::blink, "red", shortest_period))
               .at(0)
               .starts_with("00 10 00 64 00 00 02 02 00"));
  BOOST_TEST(reports(*lamp.it, moving(show::blink, "red", 10min))
               .at(0)
               .starts_with("00 10 00 64 00 00 ff ff 00"));
}

BOOST_AUTO_TEST_CASE(busylight_is_told_again_before_it_goes_dark) {
  const configured lamp{busylight};
  BOOST_TEST(lamp.it->can().reassert <= duration{15s});
}

BOOST_AUTO_TEST_CASE(what_the_writer_says_is_for_the_owner) {
  const configured lamp{luxafor};
  BOOST_TEST((lamp.it->judge(write_answer{}, {}).what == outcome::delivered));
  const auto x =
    lamp.it->judge(write_answer{"no 'a\x1b[2J\n' is plugged in"}, {});
  BOOST_TEST((x.what == outcome::retry));
  BOOST_TEST(x.reason.find('\x1b') == std::string::npos);
  BOOST_TEST(x.reason.find("is plugged in") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(each_product_has_a_udev_rule_and_no_other_has) {
  std::ifstream file{SIGNALBOX_UDEV_RULES};
  BOOST_REQUIRE(file);
  std::ostringstream all;
  all << file.rdbuf();
  const auto text = all.str();
  const std::regex rule{
    "\nKERNEL==\"hidraw\\*\", ATTRS\\{idVendor\\}==\"([0-9a-f]{4})\", "
    "ATTRS\\{idProduct\\}==\"([0-9a-f]{4})\", MODE=\"0660\", "
    "GROUP=\"plugdev\"(?=\n)"};
  std::set<usb_id> ruled;
  for (std::sregex_iterator i{text.begin(), text.end(), rule}, end; i != end;
       ++i)
    ruled.emplace((*i)[1], (*i)[2]);
  std::set<usb_id> known;
  for (const auto& x : usb_products())
    known.emplace(fmt::format("{:04x}", x.vendor),
                  fmt::format("{:04x}", x.product));
  BOOST_TEST(usb_products().size() == known.size());
  for (const auto& [vendor, product] : known)
    BOOST_TEST(ruled.contains({vendor, product}), vendor << ":" << product);
  BOOST_TEST(ruled.size() == known.size());
}
