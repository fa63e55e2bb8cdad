#include "destinations/webhook/signature.hpp"
#include "formats/event_json.hpp"
#include "tests/destinations/configured.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace signalbox;
using test::configured;
using test::goran;
using test::header;

namespace {

constexpr auto hook = "kind = \"webhook\"\nurl = \"https://h/hook\"\n";

http_request request(std::string_view keys, std::vector<event> events) {
  const configured x{std::string{hook}.append(keys)};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  std::vector<const event*> pointers;
  for (const auto& event : events)
    pointers.push_back(&event);
  return std::get<http_request>(x.it->shape(pointers, "key-1").value());
}

std::string json(const event& x) {
  std::string out;
  append_json(out, x);
  return out;
}

std::string repeated(unsigned char x, std::size_t n) {
  return std::string(n, static_cast<char>(x));
}

} // namespace

BOOST_AUTO_TEST_CASE(sends_an_event_as_json) {
  const auto x = request("", {goran()});
  BOOST_TEST(x.body == json(goran()));
  BOOST_TEST(x.method == "POST");
  BOOST_TEST(header(x, "Content-Type") == "application/json");
  BOOST_TEST(header(x, "Idempotency-Key") == "key-1");
  BOOST_TEST(header(x, "X-Signature-256") == "(absent)");
}

BOOST_AUTO_TEST_CASE(sends_an_array_when_it_batches) {
  const auto one = json(goran());
  BOOST_TEST(request("batch = 2", {goran(), goran()}).body
             == "[" + one + "," + one + "]");
  BOOST_TEST(request("batch = 2", {goran()}).body == "[" + one + "]");
}

BOOST_AUTO_TEST_CASE(sends_cloudevents) {
  std::string one;
  append_cloudevent(one, goran());
  const auto single = request("body = \"cloudevents\"", {goran()});
  BOOST_TEST(single.body == one);
  BOOST_TEST(header(single, "Content-Type") == "application/cloudevents+json");
  const auto several =
    request("body = \"cloudevents\"\nbatch = 9", {goran(), goran()});
  BOOST_TEST(several.body == "[" + one + "," + one + "]");
  BOOST_TEST(header(several, "Content-Type")
             == "application/cloudevents-batch+json");
}

BOOST_AUTO_TEST_CASE(fills_a_template_with_values_for_json_strings) {
  const auto x =
    request("body = '{\"who\":\"{{user}}\",\"raw\":{{{row_number}}}}'", [] {
      auto e = test::mallory();
      e.row_number = 3;
      return std::vector{e};
    }());
  BOOST_TEST(x.body
             == "{\"who\":\"LAB\\\\x/[click](http://evil) *b* _i_ `c` #1 & "
                "+/# \xF0\x9F\x98\x80\",\"raw\":3}");
}

BOOST_AUTO_TEST_CASE(lets_configured_headers_win) {
  const auto x = request("method = \"PUT\"\nheaders = { content-type = "
                         "\"text/plain\", X-Team = \"bi\" }",
                         {goran()});
  BOOST_TEST(x.method == "PUT");
  BOOST_TEST(header(x, "content-type") == "text/plain");
  BOOST_TEST(header(x, "Content-Type") == "(absent)");
  BOOST_TEST(header(x, "X-Team") == "bi");
}

BOOST_AUTO_TEST_CASE(signs_the_exact_body) {
  const auto x = request("hmac = { key = \"k\" }", {goran()});
  BOOST_TEST(header(x, "X-Signature-256")
             == webhook::signature("k", json(goran())));
}

// RFC 4231, 4.2 to 4.8 (without 4.6, which is truncated).
BOOST_AUTO_TEST_CASE(computes_the_published_signatures) {
  struct {
    std::string key;
    std::string data;
    std::string_view hex;
  } const rows[]{
    {repeated(0x0b, 20), "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {repeated(0xaa, 20), repeated(0xdd, 50),
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {repeated(0xaa, 131),
     "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {repeated(0xaa, 131),
     "This is a test using a larger than block-size key and a larger than "
     "block-size data. The key needs to be hashed before being used by the "
     "HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const auto& row : rows)
    BOOST_TEST(webhook::signature(row.key, row.data)
               == "sha256=" + std::string{row.hex});
}

BOOST_AUTO_TEST_CASE(judges_by_status) {
  const configured x{hook};
  struct {
    int status;
    outcome expected;
  } const rows[]{
    {200, outcome::delivered},
    {204, outcome::delivered},
    {302, outcome::destination_fault},
    {400, outcome::event_fault},
    {401, outcome::destination_fault},
    {413, outcome::too_large},
    {429, outcome::slow_down},
    {503, outcome::retry},
    {0, outcome::retry},
  };
  for (const auto& row : rows)
    BOOST_TEST(
      (x.it->judge(http_answer{row.status, "", "", ""}, goran().received).what
       == row.expected),
      row.status);
}

BOOST_AUTO_TEST_CASE(says_why_a_redirect_was_not_followed) {
  const configured x{hook};
  const auto reason = [&](const http_answer& answer) {
    const auto made = x.it->judge(answer, goran().received);
    BOOST_TEST((made.what == outcome::destination_fault));
    return made.reason;
  };
  BOOST_TEST(reason({307, "<html>", "", ""})
             == "HTTP 307: redirects are not followed");
  BOOST_TEST(reason({307, "<html>", "", "it leads\nto \x1b[31mmars"})
             == "HTTP 307: it leads to \uFFFD[31mmars");
  BOOST_TEST(reason({307, "", "", std::string(400, 'x')})
             == "HTTP 307: " + std::string(289, 'x') + "\u2026");
}

BOOST_AUTO_TEST_CASE(reads_secrets_again_once_they_are_refused) {
  namespace fs = std::filesystem;
  const auto folder = fs::temp_directory_path()
                      / ("signalbox-webhook-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  const auto put = [&](const char* name, std::string_view text) {
    std::ofstream{folder / name} << text << '\n';
  };
  put("url", "https://old/hook");
  put("token", "old");
  const configured x{"kind = \"webhook\"\nurl_file = \"url\"\nheaders = { "
                     "Authorization_file = \"token\" }",
                     (folder / "test.toml").string()};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  put("url", "https://new/hook");
  put("token", "new");
  BOOST_TEST(test::http(*x.it, goran()).url == "https://old/hook");
  x.it->judge(http_answer{503, "", "", ""}, goran().received);
  BOOST_TEST(test::http(*x.it, goran()).url == "https://old/hook");
  x.it->judge(http_answer{401, "", "", ""}, goran().received);
  BOOST_TEST(test::http(*x.it, goran()).url == "https://new/hook");
  BOOST_TEST(header(test::http(*x.it, goran()), "Authorization") == "new");
  put("url", "garbage");
  put("token", "two\nlines");
  x.it->judge(http_answer{401, "", "", ""}, goran().received);
  BOOST_TEST(test::http(*x.it, goran()).url == "https://new/hook");
  BOOST_TEST(header(test::http(*x.it, goran()), "Authorization") == "new");
  fs::remove_all(folder);
}
