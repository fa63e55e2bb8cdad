#include "tests/lights/configured.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace signalbox;
using namespace signalbox::lights;
using namespace std::chrono_literals;
using test::configured;
using test::fade;
using test::off;
using test::on;

namespace {

constexpr auto broker = "driver = \"mqtt\"\nurl = \"mqtt://h\"\n";

/// "topic payload" of what a command publishes, or "" for nothing.
std::string published(driver& x, const command& what) {
  const auto requests = x.shape(what, nullptr);
  if (requests.empty())
    return {};
  BOOST_TEST(requests.size() == 1U);
  const auto& request = std::get<mqtt_request>(requests.front());
  BOOST_TEST_REQUIRE(request.publications.size() == 1U);
  return request.publications[0].topic + " " + request.publications[0].payload;
}

std::string published(std::string_view keys, const command& what) {
  const configured x{std::string{broker}.append(keys)};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  return published(*x.it, what);
}

void expect_mistake(std::string_view keys, std::string_view words) {
  const configured x{std::string{broker}.append(keys)};
  BOOST_TEST(x.it == nullptr);
  BOOST_TEST_CONTEXT(keys << " gives " << x.complaint()) {
    BOOST_TEST(x.mistakes.size() == 1U);
    BOOST_TEST((x.complaint().find(words) != std::string::npos));
  }
}

struct row {
  command what;
  std::string_view expected;
};

void expect(std::string_view keys, const std::vector<row>& rows) {
  for (const auto& [what, expected] : rows)
    BOOST_TEST(published(keys, what) == expected);
}

command blink(std::string_view color) {
  auto x = on(color);
  x.what = show::blink;
  x.period = 500ms;
  return x;
}

constexpr auto by_color =
  "topics = { green = \"qliksense/connection/open\", "
  "red = \"qliksense/connection/close\", \"#ffbf00\" = \"warn\" }";

} // namespace

BOOST_AUTO_TEST_CASE(speaks_to_zigbee2mqtt) {
  expect(
    "schema = \"zigbee2mqtt\"\ntopic = \"zigbee2mqtt/desk\"",
    {{on("green"), R"(zigbee2mqtt/desk/set {"state":"ON","brightness":254,)"
                   R"("color":{"hex":"#00ff00"},"transition":0})"},
     {off(), R"(zigbee2mqtt/desk/set {"state":"OFF"})"},
     {on("red", 0.5), R"(zigbee2mqtt/desk/set {"state":"ON","brightness":127,)"
                      R"("color":{"hex":"#ff0000"},"transition":0})"},
     {on("red", 0.0001), R"(zigbee2mqtt/desk/set {"state":"ON","brightness":1,)"
                         R"("color":{"hex":"#ff0000"},"transition":0})"},
     // A dark colour is a bright one, dimmed.
     {on("#001000"), R"(zigbee2mqtt/desk/set {"state":"ON","brightness":16,)"
                     R"("color":{"hex":"#00ff00"},"transition":0})"},
     {on("2700K"), R"(zigbee2mqtt/desk/set {"state":"ON","brightness":254,)"
                   R"("color_temp":370,"transition":0})"},
     {on("xy(0.17, 0.70)"), R"(zigbee2mqtt/desk/set {"state":"ON",)"
                            R"("brightness":254,"color":{"x":0.1700,)"
                            R"("y":0.7000},"transition":0})"},
     {fade("blue", 400ms), R"(zigbee2mqtt/desk/set {"state":"ON",)"
                           R"("brightness":254,"color":{"hex":"#0000ff"},)"
                           R"("transition":0.4})"},
     // A Zigbee transition is 65,535 tenths of a second at most.
     {fade("blue", 48h), R"(zigbee2mqtt/desk/set {"state":"ON",)"
                         R"("brightness":254,"color":{"hex":"#0000ff"},)"
                         R"("transition":3600})"}});
}

BOOST_AUTO_TEST_CASE(speaks_to_tasmota) {
  expect(
    "schema = \"tasmota\"\ntopic = \"desk\"",
    {{on("green"), "cmnd/desk/Backlog0 Color1 #00ff00;Power ON"},
     {off(), "cmnd/desk/Backlog0 Power OFF"},
     {on("teal", 0.5), "cmnd/desk/Backlog0 Color1 #004040;Power ON"},
     {on("red", 0.0001), "cmnd/desk/Backlog0 Color1 #010000;Power ON"},
     {on("warm_white"), "cmnd/desk/Backlog0 Color1 #ffa757;Power ON"},
     {fade("blue", 2s), "cmnd/desk/Backlog0 Speed2 4;Color1 #0000ff;Power ON"},
     {fade("blue", 10ms),
      "cmnd/desk/Backlog0 Speed2 1;Color1 #0000ff;Power ON"},
     {fade("blue", 1h),
      "cmnd/desk/Backlog0 Speed2 40;Color1 #0000ff;Power ON"}});
}

BOOST_AUTO_TEST_CASE(speaks_to_wled) {
  expect(
    "schema = \"wled\"\ntopic = \"wled/d1a2b3\"",
    {{on("green"), R"(wled/d1a2b3/api {"on":true,"bri":255,"tt":0,)"
                   R"("seg":{"on":true,"bri":255,"col":[[0,255,0]],"fx":0}})"},
     {off(), R"(wled/d1a2b3/api {"on":false,"tt":0})"},
     {on("amber", 0.5),
      R"(wled/d1a2b3/api {"on":true,"bri":128,"tt":0,)"
      R"("seg":{"on":true,"bri":255,"col":[[255,191,0]],"fx":0}})"},
     {fade("blue", 1500ms),
      R"(wled/d1a2b3/api {"on":true,"bri":255,"tt":15,)"
      R"("seg":{"on":true,"bri":255,"col":[[0,0,255]],"fx":0}})"},
     {blink("red"), R"(wled/d1a2b3/api {"on":true,"bri":255,"tt":0,)"
                    R"("seg":{"on":true,"bri":255,"col":[[255,0,0],[0,0,0]],)"
                    R"("fx":1,"sx":232,"ix":128,"pal":0}})"}});
}

BOOST_AUTO_TEST_CASE(speaks_home_assistants_json) {
  expect("schema = \"home_assistant\"\ntopic = \"lamps/desk/set\"",
         {{on("green"), R"(lamps/desk/set {"state":"ON","brightness":255,)"
                        R"("color":{"r":0,"g":255,"b":0},"transition":0})"},
          {off(), R"(lamps/desk/set {"state":"OFF"})"},
          {fade("teal", 2s), R"(lamps/desk/set {"state":"ON","brightness":128,)"
                             R"("color":{"r":0,"g":255,"b":255},)"
                             R"("transition":2})"}});
}

BOOST_AUTO_TEST_CASE(fills_in_templates) {
  const auto keys = "topic = \"lamp/{{state}}\"\n"
                    "payload = '{{r}} {{g}} {{b}} {{hex}} {{brightness}} "
                    "{{percent}}{{#on}} lit{{/on}}{{^on}} dark{{/on}}'";
  expect(keys, {{on("amber", 0.5), "lamp/ON 255 191 0 #ffbf00 128 50 lit"},
                {on("red", 0.0001), "lamp/ON 255 0 0 #ff0000 1 1 lit"},
                {off(), "lamp/OFF 0 0 0 #000000 0 0 dark"}});
}

BOOST_AUTO_TEST_CASE(says_the_color_when_nothing_else_is_asked_for) {
  expect("topic = \"lamp\"",
         {{on("green"), "lamp #00ff00"}, {off(), "lamp #000000"}});
}

BOOST_AUTO_TEST_CASE(leaves_effects_to_a_lamp_that_hears_of_them) {
  const auto keys = "topic = \"lamp\"\n"
                    "payload = \"{{effect}} {{hex}} {{period_ms}}\"";
  const configured x{std::string{broker} + keys};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  BOOST_TEST(x.it->can().blinks);
  BOOST_TEST(x.it->can().pulses);
  BOOST_TEST(published(*x.it, blink("red")) == "lamp blink #ff0000 500");
  const configured simple{std::string{broker} + "topic = \"lamp\""};
  BOOST_TEST(!simple.it->can().blinks);
  BOOST_TEST(!simple.it->can().pulses);
  const configured wled{std::string{broker}
                        + "schema = \"wled\"\ntopic = \"wled/d1a2b3\""};
  BOOST_TEST(wled.it->can().blinks);
  BOOST_TEST(wled.it->can().pulses);
}

BOOST_AUTO_TEST_CASE(chooses_the_topic_by_color) {
  expect(by_color, {{on("green"), "qliksense/connection/open #00ff00"},
                    {on("lime"), "qliksense/connection/open #00ff00"},
                    {on("red", 0.3), "qliksense/connection/close #ff0000"},
                    {on("amber"), "warn #ffbf00"},
                    {on("blue"), ""},
                    {off(), ""}});
  expect("topics = { off = \"dark\" }\npayload = \"{{state}}\"",
         {{off(), "dark OFF"}, {on("green"), ""}});
}

BOOST_AUTO_TEST_CASE(never_repeats_what_such_a_lamp_takes_for_an_event) {
  const configured x{std::string{broker} + by_color};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  BOOST_TEST(x.it->can().blinks);
  BOOST_TEST(x.it->can().pulses);
  BOOST_TEST((x.it->can().reassert > 24h * 300));
  const configured other{std::string{broker} + "topic = \"lamp\""};
  BOOST_TEST((other.it->can().reassert == 1min));
}

BOOST_AUTO_TEST_CASE(publishes_as_configured) {
  const auto request = [](std::string_view keys) {
    const configured x{std::string{broker}.append("topic = \"lamp\"\n")
                       + std::string{keys}};
    BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
    return std::get<mqtt_request>(x.it->shape(on("red"), nullptr).at(0));
  };
  const auto usual = request("");
  BOOST_TEST(usual.qos == 1);
  BOOST_TEST(!usual.retain);
  BOOST_TEST((usual.timeout == 5s));
  const auto other = request("qos = 0\nretain = true\ntimeout = \"2s\"");
  BOOST_TEST(other.qos == 0);
  BOOST_TEST(other.retain);
  BOOST_TEST((other.timeout == 2s));
}

BOOST_AUTO_TEST_CASE(reaches_the_broker_of_its_url) {
  const configured x{"driver = \"mqtt\"\nurl = \"mqtts://u:p@b.example\"\n"
                     "topic = \"lamp\"\nclient_id = \"c\""};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  const auto broker = std::get<net::mqtt_options>(x.it->open_transport());
  BOOST_TEST(broker.host == "b.example");
  BOOST_TEST(broker.port == 8883);
  BOOST_TEST(broker.username == "u");
  BOOST_TEST(broker.password == "p");
  BOOST_TEST(broker.client_id == "c");
  BOOST_TEST(broker.tls.has_value());
  BOOST_TEST(!broker.online.has_value());
  BOOST_TEST(!broker.last_will.has_value());
}

BOOST_AUTO_TEST_CASE(judges_what_the_broker_says) {
  const configured x{std::string{broker} + "topic = \"lamp\""};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  BOOST_TEST(
    (x.it->judge(mqtt_answer{1, {}, false}, {}).what == outcome::delivered));
  const auto away = x.it->judge(mqtt_answer{0, "no connection", false}, {});
  BOOST_TEST((away.what == outcome::retry));
  BOOST_TEST(away.reason == "no connection");
  const auto refused = x.it->judge(
    mqtt_answer{0, "h:1883: the broker refused the credentials", true}, {});
  BOOST_TEST((refused.what == outcome::destination_fault));
  BOOST_TEST(refused.reason
             == "h:1883: the broker refused the credentials: check username "
                "and password, and what the broker allows this user");
}

BOOST_AUTO_TEST_CASE(explains_mistakes) {
  expect_mistake("", "topic: required");
  expect_mistake("schema = \"wled\"", "topic: required");
  expect_mistake("schema = \"weld\"\ntopic = \"x\"", "did you mean 'wled'?");
  expect_mistake("topic = \"a/#\"", "wildcard");
  expect_mistake("topic = \"a/{{hex}}\"", "wildcard");
  expect_mistake("schema = \"wled\"\ntopic = \"a/+\"", "wildcard");
  expect_mistake("schema = \"wled\"\ntopic = \"a/{{r}}\"", "is no template");
  expect_mistake("topic = \"a/{{staet}}\"",
                 "topic: line 1, column 3: unknown field 'staet', did you mean "
                 "'state'?");
  expect_mistake("topic = \"a\"\npayload = \"\"\"x\ny {{nonsense}}\"\"\"",
                 "payload: line 2, column 3: unknown field 'nonsense'; the "
                 "fields are b, brightness, ");
  expect_mistake("topic = \"a\"\npayload = \"{{> part}}\"", "partials");
  expect_mistake("topic = \"a\"\npayload = \"{{#r}}x{{/r}}\"",
                 "unknown section 'r'; there is {{#on}}…{{/on}}");
  expect_mistake("topic = \"a\"\npayload = \"x{{#on}}x\"",
                 "payload: line 1, column 2: ");
  expect_mistake("topic = \"a\"\npayload = \"{{r\"", "has no closing '}}'");
  expect_mistake("schema = \"wled\"\ntopic = \"a\"\npayload = \"x\"",
                 "payload: is for schema = \"template\" only");
  expect_mistake("schema = \"wled\"\ntopic = \"a\"\ntopics = { red = \"x\" }",
                 "topics: is for schema = \"template\" only");
  expect_mistake("topic = \"a\"\ntopics = { red = \"x\" }",
                 "topic: and 'topics' both say where to publish");
  expect_mistake("topics = { grene = \"x\" }", "did you mean 'green'?");
  expect_mistake("topics = { red = \"x/#\" }", "red: the topic has a wildcard");
  expect_mistake("topics = { green = \"x\", lime = \"y\" }",
                 "'lime' is a color that has a topic already");
  expect_mistake("topics = {}", "has no color");
  expect_mistake("topic = \"a\"\nqos = 3", "qos");
}

BOOST_AUTO_TEST_CASE(each_example_of_the_readme_works) {
  std::ifstream in{std::filesystem::path{SIGNALBOX_LIGHTS_DIR} / "mqtt"
                   / "README.md"};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  constexpr std::string_view fence = "```toml\n[[light]]\n";
  auto examples = 0;
  for (auto at = text.find(fence); at != text.npos;
       at = text.find(fence, at + 1)) {
    const auto begin = at + fence.size();
    // Its own name takes the place of ours.
    auto keys = text.substr(begin, text.find("```", begin) - begin);
    keys.erase(0, keys.find('\n') + 1);
    const configured x{keys};
    BOOST_TEST(x.it != nullptr, x.complaint());
    ++examples;
  }
  BOOST_TEST(examples == 1);
}
