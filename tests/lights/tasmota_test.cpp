#include "tests/lights/configured.hpp"

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
    std::string{"driver = \"tasmota\"\nurl = \"http://h/\"\n"}.append(keys)};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  return x;
}

constexpr auto refusal =
  R"({"WARNING":"Need user=<username>&password=<password>"})";

} // namespace

BOOST_AUTO_TEST_CASE(asks_for_commands) {
  const auto x = lamp();
  const auto lit = http(*x.it, on("green"));
  BOOST_TEST(lit.method == "GET");
  BOOST_TEST(lit.body.empty());
  BOOST_TEST(lit.direct);
  struct {
    command what;
    std::string_view url;
  } const rows[]{
    {on("green"),
     "http://h/cm?cmnd=Backlog0%20Color1%20%2300ff00%3BPower%20ON"},
    {off(), "http://h/cm?cmnd=Backlog0%20Power%20OFF"},
    {on("red", 0.5),
     "http://h/cm?cmnd=Backlog0%20Color1%20%23800000%3BPower%20ON"},
    {fade("blue", 1200ms), "http://h/cm?cmnd=Backlog0%20Speed2%202%3BColor1%20"
                           "%230000ff%3BPower%20ON"},
  };
  for (const auto& row : rows)
    BOOST_TEST(http(*x.it, row.what).url == row.url);
}

BOOST_AUTO_TEST_CASE(gives_its_password_encoded) {
  const auto x = lamp("user = \"me\"\npassword = \"a&b c\"");
  BOOST_TEST(http(*x.it, off()).url
             == "http://h/cm?user=me&password=a%26b%20c&cmnd="
                "Backlog0%20Power%20OFF");
  const auto usual = lamp("password = \"p\"");
  BOOST_TEST(http(*usual.it, off())
               .url.starts_with("http://h/cm?user=admin&password=p&"));
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_and_the_cure) {
  const auto x = lamp();
  struct {
    int status;
    std::string body;
    outcome what;
    std::string_view words;
  } const rows[]{
    {200, "{}", outcome::delivered, ""},
    {200, R"({"POWER":"ON","Color":"00FF00"})", outcome::delivered, ""},
    {200, R"({"WARNING":"Enable weblog 2 if response expected"})",
     outcome::delivered, ""},
    {200, refusal, outcome::destination_fault, "asks for a password"},
    {401, refusal, outcome::destination_fault, "asks for a password"},
    {200, R"({"Command":"Unknown"})", outcome::retry,
     "set up as a lamp with colors?"},
    {200, "<html>", outcome::retry, "check url"},
    {200, "[]", outcome::retry, "check url"},
    {404, "no", outcome::retry, "there is no /cm"},
    {500, "", outcome::retry, "HTTP 500"},
  };
  for (const auto& row : rows) {
    const auto heard = judge(*x.it, row.status, row.body);
    BOOST_TEST((heard.what == row.what), heard.reason);
    BOOST_TEST((heard.reason.find(row.words) != std::string::npos),
               heard.reason);
  }
}

BOOST_AUTO_TEST_CASE(keeps_the_password_out_of_errors) {
  const auto x = lamp("password = \"hunter2\"");
  for (const auto status : {200, 302, 400, 401, 403, 404, 429, 500})
    BOOST_TEST((judge(*x.it, status, "GET /cm?user=admin&password=hunter2")
                  .reason.find("hunter2")
                == std::string::npos));
  BOOST_TEST(
    (judge(*x.it, 200, refusal).reason.find("refuses user and password")
     != std::string::npos));
}

BOOST_AUTO_TEST_CASE(explains_mistakes) {
  const configured x{"driver = \"tasmota\"\nurl = \"http://h\"\nuser = \"me\""};
  BOOST_TEST(x.it == nullptr);
  BOOST_TEST(
    (x.complaint().find("user: needs a password") != std::string::npos));
  const configured below{"driver = \"tasmota\"\nurl = \"http://h/cm\""};
  BOOST_TEST(below.it == nullptr);
  BOOST_TEST(
    (below.complaint().find("url: ends with the address") != std::string::npos),
    below.complaint());
}
