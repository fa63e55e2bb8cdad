#include "tests/lights/mistakes.hpp"

#include <boost/test/unit_test.hpp>

using namespace signalbox;
using namespace signalbox::lights;
using namespace std::chrono_literals;
using test::configured;
using test::fade;
using test::http;
using test::judge;
using test::off;
using test::on;

namespace {

configured lamp(std::string_view keys = {}) {
  configured x{
    std::string{"driver = \"shelly\"\nurl = \"http://h\"\n"}.append(keys)};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  return x;
}

void expect_mistake(std::string_view keys, std::string_view words) {
  test::expect_one_mistake(
    std::string{"driver = \"shelly\"\nurl = \"http://h\"\n"}.append(keys),
    words);
}

std::string error(int code, std::string_view message) {
  return R"({"id":1,"src":"shellyplusrgbwpm-1","error":{"code":)"
         + std::to_string(code) + R"(,"message":")" + std::string{message}
         + "\"}}";
}

constexpr auto well = R"({"id":1,"src":"x","result":{"was_on":false}})";

} // namespace

BOOST_AUTO_TEST_CASE(calls_the_method_of_its_component) {
  struct {
    std::string_view component;
    command what;
    std::string_view call;
  } const rows[]{
    {"rgb:0", on("green"),
     R"("RGB.Set","params":{"id":0,"on":true,)"
     R"("rgb":[0,255,0],"brightness":100})"},
    {"rgb:0", off(), R"("RGB.Set","params":{"id":0,"on":false})"},
    {"rgb:2", fade("teal", 500ms),
     R"("RGB.Set","params":{"id":2,"on":true,"rgb":[0,128,128],)"
     R"("brightness":100,"transition_duration":0.5})"},
    {"rgbw:1", on("red", 0.001),
     R"("RGBW.Set","params":{"id":1,"on":true,"rgb":[255,0,0],"white":0,)"
     R"("brightness":1})"},
    {"light:0", on("teal"),
     R"("Light.Set","params":{"id":0,"on":true,"brightness":50})"},
    {"cct:0", on("4000K", 0.5),
     R"("CCT.Set","params":{"id":0,"on":true,"ct":4000,"brightness":50})"},
    {"cct:0", on("1500K"),
     R"("CCT.Set","params":{"id":0,"on":true,"ct":2700,"brightness":100})"},
    {"cct:0", on("green"),
     R"("CCT.Set","params":{"id":0,"on":true,"brightness":100})"},
    {"switch:3", on("green"), R"("Switch.Set","params":{"id":3,"on":true})"},
    {"switch:3", off(), R"("Switch.Set","params":{"id":3,"on":false})"},
  };
  for (const auto& row : rows) {
    const auto x = lamp("component = \"" + std::string{row.component} + "\"");
    const auto request = http(*x.it, row.what);
    BOOST_TEST(request.method == "POST");
    BOOST_TEST(request.url == "http://h/rpc");
    BOOST_TEST(request.direct);
    BOOST_TEST(request.body
               == R"({"id":1,"method":)" + std::string{row.call} + "}");
    BOOST_TEST(!request.login.has_value());
  }
}

BOOST_AUTO_TEST_CASE(logs_in_by_digest) {
  const auto x = lamp("password = \"p\"");
  const auto request = http(*x.it, off());
  BOOST_TEST_REQUIRE(request.login.has_value());
  BOOST_TEST(request.login->username == "admin");
  BOOST_TEST(request.login->password == "p");
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_and_the_cure) {
  const auto x = lamp();
  BOOST_TEST((judge(*x.it, 200, well).what == outcome::delivered));
  struct {
    int status;
    std::string body;
    outcome what;
    std::string_view words;
  } const rows[]{
    {200, error(-105, "No such component"), outcome::retry,
     "the Shelly has no rgb:0 (error -105, No such component): set component"},
    {200, error(404, "No handler for RGB.Set"), outcome::retry,
     "the Shelly has no rgb:0 (error 404"},
    {200, error(-103, "Invalid argument 'rgb'"), outcome::retry,
     "does not take what rgb:0 is told (error -103, Invalid argument 'rgb')"},
    {200, error(-104, "late"), outcome::retry, "busy (error -104"},
    {200, error(-108, "full"), outcome::retry, "busy (error -108"},
    {200, error(-114, "later"), outcome::retry, "busy (error -114"},
    {200, error(-109, "overheated"), outcome::retry,
     "the Shelly refuses RGB.Set (error -109, overheated)"},
    {200, R"({"error":{}})", outcome::retry, "without a message"},
    {200, R"({"error":1})", outcome::retry, "check url"},
    {200, "<html>", outcome::retry, "check url"},
    {200, "", outcome::retry, "check url"},
    {200, std::string(60'000, '['), outcome::retry, "check url"},
    {200, error(-109, "a\\nb\\u001b[2J"), outcome::retry, "a b"},
    {401, "", outcome::destination_fault, "asks for a password (HTTP 401)"},
    {404, "", outcome::retry, "second generation or later"},
    {500, "", outcome::retry, "HTTP 500"},
    {429, "", outcome::slow_down, "HTTP 429"},
  };
  for (const auto& row : rows) {
    const auto heard = judge(*x.it, row.status, row.body);
    BOOST_TEST((heard.what == row.what), heard.reason);
    BOOST_TEST((heard.reason.find(row.words) != std::string::npos),
               heard.reason);
    BOOST_TEST((heard.reason.find('\x1b') == std::string::npos));
  }
  const auto secured = lamp("password = \"pass\"");
  const auto refused = judge(*secured.it, 401);
  BOOST_TEST(
    (refused.reason.find("refuses this password") != std::string::npos));
}

BOOST_AUTO_TEST_CASE(explains_mistakes) {
  for (const auto* component :
       {"rgb", "rgb:", "rgb:x", "rgb:-1", "rgb:200", "rgb:0 ", "lamp:0", ":0"})
    expect_mistake("component = \"" + std::string{component} + "\"",
                   "component: is not rgb, rgbw, light, cct, switch with a "
                   "colon and a number");
  expect_mistake("user = \"me\"", "user: needs a password");
  const configured below{"driver = \"shelly\"\nurl = \"http://h/rpc?x\""};
  BOOST_TEST(below.it == nullptr);
  BOOST_TEST(
    (below.complaint().find("url: ends with the address") != std::string::npos),
    below.complaint());
}
