#include "tests/destinations/configured.hpp"

#include <boost/test/unit_test.hpp>

using namespace signalbox;
using namespace std::chrono_literals;
using test::configured;
using test::goran;

namespace {

constexpr auto workflow =
  "kind = \"teams\"\nurl = \"https://h/invoke?sig=x\"\n";

constexpr auto card =
  R"({"$schema":"http://adaptivecards.io/schemas/adaptive-card.json",)"
  R"("type":"AdaptiveCard","version":"1.4","msteams":{"width":"Full"},)"
  R"("body":[{"type":"TextBlock","size":"Large","weight":"Bolder",)"
  R"("wrap":true,"text":"Start session for user LAB/goran on server )"
  R"(pro2-win1"},{"type":"FactSet","facts":[{"title":"Server","value":)"
  R"("pro2-win1"}]}]})";

std::string body(std::string_view keys, const event& what) {
  const configured x{std::string{workflow}.append(keys)};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  return test::http(*x.it, what).body;
}

} // namespace

BOOST_AUTO_TEST_CASE(sends_the_workflows_envelope) {
  BOOST_TEST(body("", goran())
             == std::string{R"({"type":"message","attachments":[{)"
                            R"("contentType":)"
                            R"("application/vnd.microsoft.card.adaptive",)"
                            R"("contentUrl":null,"content":)"}
                  + card + "}]}");
}

BOOST_AUTO_TEST_CASE(sends_the_bare_card) {
  BOOST_TEST(body("format = \"card\"", goran()) == card);
}

BOOST_AUTO_TEST_CASE(sends_the_retired_card) {
  BOOST_TEST(body("format = \"message_card\"", goran())
             == R"({"@type":"MessageCard",)"
                R"("@context":"https://schema.org/extensions",)"
                R"("summary":"Start session for user LAB/goran",)"
                R"("themeColor":"0078D7",)"
                R"("title":"Start session for user LAB/goran on server )"
                R"(pro2-win1"})");
}

BOOST_AUTO_TEST_CASE(escapes_markdown_in_values_only) {
  auto x = goran();
  x.host = "a_b";
  x.user_id = "[x](http://evil) \"`\\";
  const auto made = body("format = \"card\"\ntemplate = '**{{user.id}}**'", x);
  BOOST_TEST(made.find(R"("text":"**\\[x\\]\\(http://evil\\) \"\\`\\\\**")")
               != std::string::npos,
             made);
  BOOST_TEST(made.find(R"("value":"a\\_b")") != std::string::npos, made);
}

BOOST_AUTO_TEST_CASE(shows_the_facts_that_have_a_value) {
  const auto made = body("format = \"card\"\n"
                         "facts = { Who = \"{{user}}\", App = \"{{app}}\" }",
                         goran());
  BOOST_TEST(made.find(R"("facts":[{"title":"Who","value":"LAB/goran"}])")
               != std::string::npos,
             made);
}

BOOST_AUTO_TEST_CASE(stays_within_28_kilobytes) {
  const std::string stars(60'000, '*');
  auto x = goran();
  x.message = stars;
  const auto made = body("template = \"{{message}}\"", x);
  BOOST_TEST(made.size() <= 28'672U);
  BOOST_TEST(made.size() > 5'000U);
  BOOST_TEST(made.find("\xE2\x80\xA6") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(refuses_facts_that_can_never_fit) {
  const std::string stars(60'000, '*');
  auto event = goran();
  event.message = stars;
  std::string facts;
  for (auto i = 0; i < 20; ++i)
    facts +=
      (i == 0 ? "" : ", ") + ("f" + std::to_string(i)) + " = \"{{message}}\"";
  const configured x{std::string{workflow} + "facts = { " + facts + " }"};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  const auto made = test::shape(*x.it, event);
  BOOST_TEST_REQUIRE(!made.has_value());
  BOOST_TEST(made.error().what.find("28 KB") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(judges_an_answer_by_status_and_sentence) {
  struct {
    int status;
    std::string_view body;
    outcome expected;
  } const rows[]{
    {202, "", outcome::delivered},
    {200, "", outcome::delivered},
    {200, "1", outcome::delivered},
    {200, R"({"posted":true})", outcome::delivered},
    {200,
     "Webhook message delivery failed with error: Microsoft Teams endpoint "
     "returned HTTP error 429 with ContextId MS-CV=x",
     outcome::slow_down},
    {200, "returned HTTP error 412 with", outcome::retry},
    {200, "returned HTTP error 502 with", outcome::retry},
    {200, "returned HTTP error 504", outcome::retry},
    {200, "returned HTTP error 413 with", outcome::too_large},
    {200, "returned HTTP error 400 with", outcome::event_fault},
    {200, "returned HTTP error 403 with", outcome::destination_fault},
    {200, "Webhook message delivery failed with error: unknown",
     outcome::retry},
    {200, "returned HTTP error 410 with", outcome::destination_fault},
    {200, "returned HTTP error 500 with", outcome::retry},
    {200, "HTTP error occurred: HTTP error 429", outcome::slow_down},
    {200, "HTTP error 4290", outcome::delivered},
    {200, "HTTP error 42", outcome::delivered},
    {200, "HTTP error ", outcome::delivered},
    {200, "HTTP error x", outcome::delivered},
    {200, "HTTP error 200", outcome::delivered},
    {412, "", outcome::retry},
    {400, "", outcome::event_fault},
    {401, "", outcome::destination_fault},
    {413, "", outcome::too_large},
    {429, "", outcome::slow_down},
    {500, "", outcome::retry},
    {0, "", outcome::retry},
    {408, "", outcome::retry},
    {404, "", outcome::destination_fault},
    {410, "", outcome::destination_fault},
    {415, "", outcome::event_fault},
    {422, "", outcome::event_fault},
    {425, "", outcome::retry},
    {502, "", outcome::retry},
    {503, "", outcome::retry},
    {504, "", outcome::retry},
    {302, "", outcome::destination_fault},
  };
  const configured x{workflow};
  for (const auto& row : rows) {
    const auto made = x.it->judge(
      http_answer{row.status, std::string{row.body}, "", ""}, goran().received);
    BOOST_TEST((made.what == row.expected), row.status << " " << row.body);
    BOOST_TEST((made.what == outcome::delivered) == made.reason.empty());
  }
}

BOOST_AUTO_TEST_CASE(hears_how_long_to_wait_inside_and_outside_of_a_200) {
  struct {
    int status;
    std::string_view body;
    std::optional<std::chrono::seconds> expected;
  } const rows[]{
    {429, "", 30s},
    {412, "", 30s},
    {200, "returned HTTP error 429 with", 30s},
    {200, "returned HTTP error 412 with", 30s},
    {200, "Webhook message delivery failed with error: unknown", 30s},
    {200, "returned HTTP error 400 with", std::nullopt},
    {200, "1", std::nullopt},
    {404, "", std::nullopt},
  };
  const configured x{workflow};
  for (const auto& row : rows) {
    const auto made =
      x.it->judge(http_answer{row.status, std::string{row.body}, "30", ""},
                  goran().received);
    BOOST_TEST((made.retry_after == row.expected),
               row.status << " " << row.body);
  }
}
