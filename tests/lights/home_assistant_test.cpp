#include "tests/lights/mistakes.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

using namespace signalbox;
using namespace signalbox::lights;
using namespace std::chrono_literals;
using test::configured;
using test::fade;
using test::header;
using test::http;
using test::judge;
using test::off;
using test::on;

namespace {

constexpr auto whole = "driver = \"home_assistant\"\nurl = \"http://h:8123/\"\n"
                       "token = \"t0k\"\nentity = \"light.desk_2\"\n";

configured lamp() {
  configured x{whole};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  return x;
}

void expect_mistake(std::string_view keys, std::string_view words) {
  test::expect_one_mistake("driver = \"home_assistant\"\n" + std::string{keys},
                           words);
}

} // namespace

BOOST_AUTO_TEST_CASE(calls_the_services_of_lights) {
  const auto x = lamp();
  const auto lit = http(*x.it, on("green"));
  BOOST_TEST(lit.method == "POST");
  BOOST_TEST(lit.url == "http://h:8123/api/services/light/turn_on");
  BOOST_TEST(header(lit, "Authorization") == "Bearer t0k");
  BOOST_TEST(header(lit, "Content-Type") == "application/json");
  BOOST_TEST(http(*x.it, off()).url
             == "http://h:8123/api/services/light/turn_off");
}

BOOST_AUTO_TEST_CASE(may_live_under_a_path_behind_a_proxy) {
  const configured x{"driver = \"home_assistant\"\nurl = "
                     "\"https://h/home/\"\ntoken = \"t\"\nentity = "
                     "\"light.a\""};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  const auto request = http(*x.it, off());
  BOOST_TEST(request.url == "https://h/home/api/services/light/turn_off");
  BOOST_TEST(!request.direct);
}

BOOST_AUTO_TEST_CASE(says_each_command_as_service_data) {
  const auto x = lamp();
  struct {
    command what;
    std::string_view body;
  } const rows[]{
    {on("green"), R"({"entity_id":"light.desk_2","rgb_color":[0,255,0],)"
                  R"("brightness_pct":100,"transition":0})"},
    {off(), R"({"entity_id":"light.desk_2"})"},
    // A dark colour is a bright one, dimmed.
    {on("teal", 0.5), R"({"entity_id":"light.desk_2","rgb_color":[0,255,255],)"
                      R"("brightness_pct":25,"transition":0})"},
    {on("red", 0.001), R"({"entity_id":"light.desk_2","rgb_color":[255,0,0],)"
                       R"("brightness_pct":1,"transition":0})"},
    {on("4000K"), R"({"entity_id":"light.desk_2","color_temp_kelvin":4000,)"
                  R"("brightness_pct":100,"transition":0})"},
    {on("xy(0.17, 0.7)"),
     R"({"entity_id":"light.desk_2","xy_color":[0.1700,0.7000],)"
     R"("brightness_pct":100,"transition":0})"},
    {fade("blue", 2500ms),
     R"({"entity_id":"light.desk_2","rgb_color":[0,0,255],)"
     R"("brightness_pct":100,"transition":2.5})"},
  };
  for (const auto& row : rows)
    BOOST_TEST(http(*x.it, row.what).body == row.body);
}

BOOST_AUTO_TEST_CASE(is_content_when_states_changed_or_none_did) {
  const auto x = lamp();
  BOOST_TEST((judge(*x.it, 200, "[]").what == outcome::delivered));
  BOOST_TEST((judge(*x.it, 200, R"([{"entity_id":"light.desk_2"}])").what
              == outcome::delivered));
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_and_the_cure) {
  const auto x = lamp();
  struct {
    int status;
    std::string_view body;
    outcome what;
    std::string_view words;
  } const rows[]{
    {200, "<html>", outcome::retry, "not Home Assistant's: check url"},
    {400, R"({"message":"bad"})", outcome::retry,
     R"(light.desk_2: HTTP 400: {"message":"bad"})"},
    {401, "401: Unauthorized", outcome::destination_fault,
     "make a long-lived access token"},
    {403, "", outcome::destination_fault, "ip_bans.yaml"},
    {404, "", outcome::retry, "there is no service 'light' at this url"},
    {302, "", outcome::retry, "redirects are not followed"},
  };
  for (const auto& row : rows) {
    const auto heard = judge(*x.it, row.status, std::string{row.body});
    BOOST_TEST((heard.what == row.what), heard.reason);
    BOOST_TEST((heard.reason.find(row.words) != std::string::npos),
               heard.reason);
    BOOST_TEST((heard.reason.find("t0k") == std::string::npos));
  }
  BOOST_TEST((judge(*x.it, 500).what == outcome::retry));
  BOOST_TEST((judge(*x.it, 0).what == outcome::retry));
  BOOST_TEST((judge(*x.it, 429).what == outcome::slow_down));
}

BOOST_AUTO_TEST_CASE(is_asked_again_soon_while_home_assistant_starts) {
  const auto x = lamp();
  for (const auto status : {400, 404, 405})
    BOOST_TEST((judge(*x.it, status).retry_after == 30s));
}

BOOST_AUTO_TEST_CASE(keeps_hostile_answers_to_one_line) {
  const auto x = lamp();
  const auto heard =
    judge(*x.it, 400, "a\x1b[2J\nb" + std::string(100'000, 'x'));
  BOOST_TEST(heard.reason.size() < 500U);
  BOOST_TEST((heard.reason.find('\n') == std::string::npos));
  BOOST_TEST((heard.reason.find('\x1b') == std::string::npos));
}

BOOST_AUTO_TEST_CASE(reads_a_rotated_token_again) {
  const auto folder = std::filesystem::temp_directory_path()
                      / "signalbox-lights-home-assistant-test";
  std::filesystem::create_directories(folder);
  std::ofstream{folder / "token"} << "old\n";
  configured x{"driver = \"home_assistant\"\nurl = \"http://h\"\n"
               "token_file = \"token\"\nentity = \"light.a\"",
               (folder / "test.toml").string()};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  std::ofstream{folder / "token"} << "new\n";
  BOOST_TEST(header(http(*x.it, off()), "Authorization") == "Bearer old");
  judge(*x.it, 401);
  BOOST_TEST(header(http(*x.it, off()), "Authorization") == "Bearer new");
  std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(explains_mistakes) {
  expect_mistake("token = \"t\"\nentity = \"light.a\"", "url: is required");
  expect_mistake("url = \"http://h\"\nentity = \"light.a\"",
                 "token: is required");
  expect_mistake("url = \"http://h\"\ntoken = \"t\"", "entity: required");
  for (const auto* end : {"?x=1", "/a#b"})
    expect_mistake("url = \"http://h" + std::string{end}
                     + "\"\ntoken = \"t\"\nentity = \"light.a\"",
                   "url: has a query");
  for (const auto* entity :
       {"desk", "switch.a", "light.", "light.A", "light.a\\\"b", "light.a b"})
    expect_mistake("url = \"http://h\"\ntoken = \"t\"\nentity = \""
                     + std::string{entity} + "\"",
                   "entity: is not the id of a light");
}
