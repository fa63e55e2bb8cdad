#include "tests/lights/mistakes.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

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

constexpr auto here = "driver = \"webhook\"\n";

configured lamp(std::string_view keys) {
  configured x{std::string{here}.append(keys)};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  return x;
}

void expect_mistake(std::string_view keys, std::string_view words) {
  test::expect_one_mistake(std::string{here}.append(keys), words);
}

} // namespace

BOOST_AUTO_TEST_CASE(posts_json_unless_told_otherwise) {
  const auto x = lamp("url = \"http://h/lamp\"");
  const auto lit = http(*x.it, on("amber", 0.5));
  BOOST_TEST(lit.method == "POST");
  BOOST_TEST(lit.url == "http://h/lamp");
  BOOST_TEST(header(lit, "Content-Type") == "application/json");
  BOOST_TEST(lit.body == R"({"state":"ON","color":"#ffbf00","brightness":50})");
  BOOST_TEST((lit.timeout == 5s));
  BOOST_TEST(http(*x.it, off()).body
             == R"({"state":"OFF","color":"#000000","brightness":0})");
  BOOST_TEST(!x.it->can().blinks);
}

BOOST_AUTO_TEST_CASE(puts_encoded_values_into_the_url) {
  const auto x = lamp("method = \"GET\"\nurl = \"http://h/set?c={{hex}}&on="
                      "{{#on}}1{{/on}}{{^on}}0{{/on}}\"");
  const auto lit = http(*x.it, on("green"));
  BOOST_TEST(lit.method == "GET");
  BOOST_TEST(lit.url == "http://h/set?c=%2300ff00&on=1");
  BOOST_TEST(lit.body.empty());
  BOOST_TEST(header(lit, "Content-Type") == "(absent)");
  BOOST_TEST(http(*x.it, off()).url == "http://h/set?c=%23000000&on=0");
}

BOOST_AUTO_TEST_CASE(sends_the_configured_body_and_headers) {
  const auto x = lamp("url = \"http://h\"\nmethod = \"PUT\"\n"
                      "body = \"{{r}},{{g}},{{b}} {{effect}} {{period_ms}}\"\n"
                      "headers = { content-type = \"text/plain\", X-Key = "
                      "\"k\" }");
  const auto request = http(*x.it, fade("blue", 1500ms));
  BOOST_TEST(request.method == "PUT");
  BOOST_TEST(request.body == "0,0,255 fade 1500");
  BOOST_TEST(header(request, "content-type") == "text/plain");
  BOOST_TEST(header(request, "Content-Type") == "(absent)");
  BOOST_TEST(header(request, "X-Key") == "k");
  BOOST_TEST(x.it->can().blinks);
  BOOST_TEST(x.it->can().pulses);
}

BOOST_AUTO_TEST_CASE(can_post_without_a_body) {
  const auto x = lamp("url = \"http://h/{{state}}\"\nbody = \"\"");
  const auto request = http(*x.it, on("red"));
  BOOST_TEST(request.url == "http://h/ON");
  BOOST_TEST(request.body.empty());
  BOOST_TEST(header(request, "Content-Type") == "(absent)");
}

BOOST_AUTO_TEST_CASE(judges_answers_by_their_status) {
  const auto x = lamp("url = \"http://h\"");
  BOOST_TEST((judge(*x.it, 204).what == outcome::delivered));
  BOOST_TEST((judge(*x.it, 500).what == outcome::retry));
  BOOST_TEST((judge(*x.it, 503).what == outcome::slow_down));
  BOOST_TEST((judge(*x.it, 429).what == outcome::slow_down));
  BOOST_TEST((judge(*x.it, 401).what == outcome::destination_fault));
  BOOST_TEST(judge(*x.it, 401).reason == "HTTP 401; check url and headers");
  for (const auto status : {400, 404, 413}) {
    const auto heard = judge(*x.it, status);
    BOOST_TEST((heard.what == outcome::retry));
    BOOST_TEST((heard.retry_after == 30s));
    BOOST_TEST(heard.reason
               == "HTTP " + std::to_string(status)
                    + "; check method, url and body");
  }
}

BOOST_AUTO_TEST_CASE(never_quotes_an_answer_which_may_repeat_the_url) {
  const auto x = lamp("url = \"http://h/{{hex}}?key=s3cret\"");
  for (const auto status : {302, 400, 401, 404, 413, 429, 500, 503})
    BOOST_TEST(
      (judge(*x.it, status, "Cannot POST /?key=s3cret").reason.find("s3cret")
       == std::string::npos));
}

BOOST_AUTO_TEST_CASE(reads_secrets_from_files_again_after_a_refusal) {
  const auto folder =
    std::filesystem::temp_directory_path() / "signalbox-lights-webhook-test";
  std::filesystem::create_directories(folder);
  const auto write = [&](const char* name, std::string_view text) {
    std::ofstream{folder / name} << text;
  };
  write("url", "http://h/{{state}}/old\n");
  write("key", "old\n");
  configured x{std::string{here}
                 + "url_file = \"url\"\nheaders = { X-Key_file = \"key\" }",
               (folder / "test.toml").string()};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  BOOST_TEST(http(*x.it, off()).url == "http://h/OFF/old");
  write("url", "http://h/{{state}}/new\n");
  write("key", "new\n");
  judge(*x.it, 403);
  const auto request = http(*x.it, off());
  BOOST_TEST(request.url == "http://h/OFF/new");
  BOOST_TEST(header(request, "X-Key") == "new");
  // What is no template changes nothing.
  write("url", "http://h/{{nonsense}}");
  judge(*x.it, 403);
  BOOST_TEST(http(*x.it, off()).url == "http://h/OFF/new");
  std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(explains_mistakes) {
  expect_mistake("", "url: is required");
  expect_mistake("url = \"http://h/{{staet}}\"",
                 "url: has a field that no command has");
  expect_mistake("url = \"http://h/{{#on}}x\"", "or braces that do not match");
  expect_mistake("url = \"http://{{r}}/x\"", "url: the host");
  expect_mistake("url = \"http://h\"\nbody = \"{{staet}}\"",
                 "body: line 1, column 1: unknown field 'staet'");
  expect_mistake("url = \"http://h/{{r}}\"\nmethod = \"GET\"\nbody = \"x\"",
                 "body: is not for GET");
  expect_mistake("url = \"http://h\"\nmethod = \"GET\"",
                 "hears the same whether it is lit or dark");
  expect_mistake("url = \"http://h\"\nbody = \"flash\"",
                 "hears the same whether it is lit or dark");
  expect_mistake("url = \"http://h\"\nmethod = \"DELETE\"", "method");
  expect_mistake("url = \"http://h\"\nheaders = { \"a b\" = \"c\" }",
                 "is not the name of a header");
}

BOOST_AUTO_TEST_CASE(each_example_of_the_readme_works) {
  std::ifstream in{std::filesystem::path{SIGNALBOX_LIGHTS_DIR} / "webhook"
                   / "README.md"};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  constexpr std::string_view fence = "```toml\n[[light]]\n";
  const auto at = text.find(fence);
  BOOST_TEST_REQUIRE((at != std::string::npos));
  auto keys = text.substr(at + fence.size());
  keys.resize(keys.find("```"));
  keys.erase(0, keys.find('\n') + 1);
  const configured x{keys};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  BOOST_TEST(http(*x.it, on("green", 0.5)).url
             == "http://192.0.2.40/light/0?turn=on&mode=color&red=0&green=255"
                "&blue=0&gain=50");
}
