#include "config/load.hpp"
#include "lights/driver.hpp"
#include "lights/light_rules.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

using namespace signalbox;
using namespace signalbox::lights;
using namespace std::chrono_literals;

namespace {

namespace data = boost::unit_test::data;

struct loaded {
  light_rules rules;
  driver_ptr driver;
  std::vector<config::diagnostic> mistakes;
};

loaded load(config::document document) {
  loaded x;
  BOOST_REQUIRE_EQUAL(document.settings().lights.size(), 1U);
  auto light = document.settings().lights[0];
  x.rules = read_light_rules(light.options);
  x.driver = make_driver(light.driver, light.options);
  x.mistakes = document.finish();
  return x;
}

loaded parse(const std::string& keys, const std::string& driver = "virtual") {
  auto text =
    "[[light]]\nname = \"desk\"\ndriver = \"" + driver + "\"\n" + keys;
  return load(config::document::parse(text, "lamp.toml",
                                      [](auto) { return std::nullopt; }));
}

std::string on(const std::string& effect) {
  return "[[light.on]]\nmatch = { kind = \"connection_open\" }\neffect = "
         + effect + "\n";
}

void expect_good(const loaded& x) {
  for (const auto& mistake : x.mistakes)
    BOOST_ERROR(to_string(mistake));
  BOOST_TEST(bool{x.driver});
}

event of(event_kind kind) {
  event x;
  x.kind = kind;
  return x;
}

struct bad {
  const char* keys;
  const char* words;
};

std::ostream& operator<<(std::ostream& out, const bad& x) {
  return out << x.keys;
}

const std::vector<bad> mistakes{
  {R"({ color = "grene" })", "did you mean 'green'?"},
  {R"({ color = "#12345" })", "unknown color '#12345'"},
  {R"({ show = "puls", color = "red" })", "did you mean 'pulse'?"},
  {R"({ show = "blink" })", "needs a color"},
  {R"({ color = "red", brightness = 1.5 })", "brightness"},
  {R"({ color = "red", for = "0s" })", "longer than 0s"},
  {R"({ color = "red", for = "31d" })", "at most 30d"},
  {R"({ color = "red", period = "0s" })", "longer than 0s"},
  {R"({ color = "red", priority = 0 })", "priority"},
  {R"({ color = "red", priority = 101 })", "priority"},
  {R"({ color = "red", colour = "red" })", "colour"},
  {R"({ color = "red", repeat = 2 })", "is for show"},
  {R"({ show = "blink", color = "red", repeat = 0 })", "repeat"},
  {R"({ show = "blink", color = "red", repeat = 2, for = "1s" })",
   "give one of them"},
};

} // namespace

BOOST_AUTO_TEST_CASE(reads_the_effects_of_a_lamp) {
  auto x = parse("idle = { color = \"blue\", brightness = 0.1 }\n"
                 + on("{ show = \"pulse\", color = \"green\", for = \"2s\", "
                      "brightness = 0.5, period = \"800ms\", priority = 30 }"));
  expect_good(x);
  BOOST_TEST(
    (x.rules.idle
     == effect{.what = show::on, .color = {{0, 0, 255}}, .brightness = 0.1}));
  BOOST_REQUIRE_EQUAL(x.rules.on.size(), 1U);
  const auto& rule = x.rules.on[0];
  BOOST_TEST((rule.wish
              == effect{.what = show::pulse,
                        .color = {{0, 255, 0}},
                        .brightness = 0.5,
                        .period = 800ms,
                        .lasts = 2s,
                        .priority = 30}));
  BOOST_TEST(rule.match.holds(of(event_kind::connection_open)));
  BOOST_TEST(!rule.match.holds(of(event_kind::connection_close)));
}

BOOST_AUTO_TEST_CASE(is_dark_and_silent_when_nothing_is_said) {
  auto x = parse("");
  expect_good(x);
  BOOST_TEST((x.rules.idle == effect{}));
  BOOST_TEST(x.rules.on.empty());
}

BOOST_AUTO_TEST_CASE(a_color_alone_shines_until_the_next_wish) {
  auto x = parse(on(R"({ color = "#102030" })"));
  expect_good(x);
  BOOST_TEST((x.rules.on.at(0).wish
              == effect{.what = show::on, .color = {{0x10, 0x20, 0x30}}}));
}

BOOST_AUTO_TEST_CASE(the_color_off_turns_the_lamp_off) {
  auto x = parse(on(R"({ color = "off", for = "1s" })"));
  expect_good(x);
  BOOST_TEST((x.rules.on.at(0).wish.what == show::off));
}

BOOST_DATA_TEST_CASE(says_what_is_wrong_with_an_effect, data::make(mistakes),
                     x) {
  auto result = parse(on(x.keys));
  BOOST_REQUIRE_EQUAL(result.mistakes.size(), 1U);
  BOOST_TEST(result.mistakes[0].line == 6U);
  BOOST_TEST_CONTEXT(result.mistakes[0].message)
  BOOST_TEST(result.mistakes[0].message.find(x.words) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_rule_needs_an_effect) {
  auto x = parse("[[light.on]]\nmatch = { kind = \"connection_open\" }\n");
  BOOST_REQUIRE_EQUAL(x.mistakes.size(), 1U);
  BOOST_TEST(x.mistakes[0].message.find("effect") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_idle_lamp_has_no_end_and_no_priority) {
  auto x = parse("idle = { color = \"red\", for = \"2s\" }\n");
  BOOST_TEST(x.mistakes.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_misspelt_driver_gets_a_suggestion) {
  auto x = parse("", "virtul");
  BOOST_TEST(!x.driver);
  BOOST_REQUIRE_EQUAL(x.mistakes.size(), 1U);
  BOOST_TEST(x.mistakes[0].message.find("did you mean 'virtual'?")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(each_driver_has_a_sample_that_works) {
  for (auto name : driver_names()) {
    auto folder = std::filesystem::path{SIGNALBOX_LIGHTS_DIR} / name;
    BOOST_TEST(std::filesystem::exists(folder / "README.md"));
    auto x = load(config::document::read(folder / "sample.toml",
                                         [](auto) { return std::nullopt; }));
    expect_good(x);
    BOOST_TEST(!x.rules.on.empty());
  }
}

BOOST_AUTO_TEST_CASE(the_virtual_lamp_shows_all_without_a_request) {
  auto x = parse("");
  BOOST_REQUIRE(x.driver);
  BOOST_TEST(
    x.driver->shape({.what = show::blink, .color = {{255, 0, 0}}}, nullptr)
      .empty());
  BOOST_TEST(x.driver->can().max_rate == 5);
}

BOOST_AUTO_TEST_CASE(repeats_last_as_long_as_they_take) {
  auto x = parse(on(R"({ show = "blink", color = "red", period = "500ms", )"
                    "repeat = 3 }"));
  BOOST_TEST((x.rules.on.at(0).wish.lasts == 1500ms));
  x = parse(on(R"({ show = "pulse", color = "red", period = "10ms", )"
               "repeat = 2 }"));
  BOOST_TEST((x.rules.on.at(0).wish.lasts == 2 * shortest_period));
}
