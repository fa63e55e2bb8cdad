#include "tests/lights/mistakes.hpp"

#include <boost/test/unit_test.hpp>

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

configured lamp() {
  configured x{"driver = \"nanoleaf\"\nurl = \"http://h:16021\"\n"
               "token = \"t0k3n\""};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  return x;
}

void expect_mistake(std::string_view keys, std::string_view words) {
  test::expect_one_mistake("driver = \"nanoleaf\"\n" + std::string{keys},
                           words);
}

} // namespace

BOOST_AUTO_TEST_CASE(puts_the_state) {
  const auto x = lamp();
  const auto lit = http(*x.it, on("green"));
  BOOST_TEST(lit.method == "PUT");
  BOOST_TEST(lit.direct);
  BOOST_TEST(lit.url == "http://h:16021/api/v1/t0k3n/state");
  BOOST_TEST(header(lit, "Content-Type") == "application/json");
  BOOST_TEST((lit.timeout == 2s));
  struct {
    command what;
    std::string_view body;
  } const rows[]{
    {on("green"), R"({"on":{"value":true},"hue":{"value":120},)"
                  R"("sat":{"value":100},)"
                  R"("brightness":{"value":100,"duration":0}})"},
    {off(), R"({"on":{"value":false}})"},
    {on("pink", 0.5), R"({"on":{"value":true},"hue":{"value":330},)"
                      R"("sat":{"value":59},)"
                      R"("brightness":{"value":50,"duration":0}})"},
    {on("#ff0001"), R"({"on":{"value":true},"hue":{"value":0},)"
                    R"("sat":{"value":100},)"
                    R"("brightness":{"value":100,"duration":0}})"},
    {on("red", 0.001), R"({"on":{"value":true},"hue":{"value":0},)"
                       R"("sat":{"value":100},)"
                       R"("brightness":{"value":1,"duration":0}})"},
    {on("2700K"), R"({"on":{"value":true},"ct":{"value":2700},)"
                  R"("brightness":{"value":100,"duration":0}})"},
    {on("9000K"), R"({"on":{"value":true},"ct":{"value":6500},)"
                  R"("brightness":{"value":100,"duration":0}})"},
    {fade("blue", 1200ms), R"({"on":{"value":true},"hue":{"value":240},)"
                           R"("sat":{"value":100},)"
                           R"("brightness":{"value":100,"duration":2}})"},
  };
  for (const auto& row : rows)
    BOOST_TEST(http(*x.it, row.what).body == row.body);
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_and_the_cure) {
  const auto x = lamp();
  BOOST_TEST((judge(*x.it, 204).what == outcome::delivered));
  BOOST_TEST((judge(*x.it, 200).what == outcome::delivered));
  BOOST_TEST((judge(*x.it, 500).what == outcome::retry));
  BOOST_TEST((judge(*x.it, 0).what == outcome::retry));
  for (const auto status : {401, 403}) {
    const auto heard = judge(*x.it, status);
    BOOST_TEST((heard.what == outcome::destination_fault));
    BOOST_TEST((heard.reason.find("pair again") != std::string::npos));
  }
  const auto nobody = judge(*x.it, 404);
  BOOST_TEST((nobody.what == outcome::retry));
  BOOST_TEST((nobody.reason.find(":16021") != std::string::npos));
  BOOST_TEST(judge(*x.it, 422, "x").reason == "HTTP 422");
}

BOOST_AUTO_TEST_CASE(keeps_the_token_out_of_errors) {
  const auto x = lamp();
  for (const auto status : {302, 400, 401, 403, 404, 422, 429, 500})
    BOOST_TEST((judge(*x.it, status, "Cannot PUT /api/v1/t0k3n/state")
                  .reason.find("t0k3n")
                == std::string::npos));
}

BOOST_AUTO_TEST_CASE(explains_mistakes) {
  expect_mistake("token = \"t\"", "url: is required");
  expect_mistake("url = \"http://h\"", "token: is required");
  for (const auto* below : {"/api/v1/new", "?x", "//"})
    expect_mistake("url = \"http://h:16021" + std::string{below}
                     + "\"\ntoken = \"t\"",
                   "url: ends with the address");
  expect_mistake("url = \"http://h\"\ntoken = \"a/../b\"",
                 "token: has a character that no token has");
}
