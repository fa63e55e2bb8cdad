#include "tests/destinations/configured.hpp"

#include <boost/test/unit_test.hpp>

using namespace signalbox;
using test::configured;
using test::goran;

namespace {

constexpr auto webhook =
  "kind = \"slack\"\nurl = \"https://h/services/T/B/x\"\n";
constexpr auto bot = "kind = \"slack\"\ntoken = \"xoxb-1\"\nchannel = \"C1\"\n";

verdict judged(std::string_view keys, http_answer answer) {
  const configured x{keys};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  return x.it->judge(answer, goran().received);
}

} // namespace

BOOST_AUTO_TEST_CASE(sends_the_body_that_users_know) {
  const configured x{std::string{webhook}
                     + "username = \"Qlik Sense\"\n"
                       "channel = \"sense-user-activity\"\n"
                       "icon_emoji = \":thumbsup:\""};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  const auto request = test::http(*x.it, goran());
  BOOST_TEST(
    request.body
    == R"({"username":"Qlik Sense","channel":"sense-user-activity",)"
       R"("icon_emoji":":thumbsup:","blocks":[{"type":"section","text":)"
       R"({"type":"plain_text","text":"Start session,  user: LAB/goran on )"
       R"(server pro2-win1"}}],"text":"Start session,  user: LAB/goran on )"
       R"(server pro2-win1"})");
  BOOST_TEST(request.method == "POST");
  BOOST_TEST(request.url == "https://h/services/T/B/x");
  BOOST_TEST(test::header(request, "Content-Type") == "application/json");
  BOOST_TEST(test::header(request, "Idempotency-Key") == "key-1");
  BOOST_TEST(test::header(request, "Authorization") == "(absent)");
}

BOOST_AUTO_TEST_CASE(sends_a_name_and_a_channel_only_when_configured) {
  const configured x{webhook};
  const auto body = test::http(*x.it, goran()).body;
  BOOST_TEST(body.starts_with(R"({"blocks":[{"type":"section")"));
}

BOOST_AUTO_TEST_CASE(keeps_hostile_values_harmless_in_plain_text) {
  const configured x{webhook};
  BOOST_TEST(
    test::http(*x.it, test::mallory()).body
    == "{\"blocks\":[{\"type\":\"section\",\"text\":{\"type\":"
       "\"plain_text\",\"text\":\"Start session,  user: "
       "LAB\\\\x/[click](http://evil) *b* _i_ `c` #1 & +/# "
       "\xF0\x9F\x98\x80 on server <!channel> \\\"a\\\\b\\\"\"}}],"
       "\"text\":\"Start session,  user: LAB\\\\x/[click](http://evil) "
       "*b* _i_ `c` #1 &amp; +/# \xF0\x9F\x98\x80 on server "
       "&lt;!channel&gt; \\\"a\\\\b\\\"\"}");
}

BOOST_AUTO_TEST_CASE(escapes_values_but_not_the_template_in_mrkdwn) {
  const configured x{std::string{webhook}
                     + "format = \"mrkdwn\"\ntemplate = \"<!here> {{host}}\""};
  BOOST_TEST(test::http(*x.it, test::mallory()).body
             == R"({"blocks":[{"type":"section","text":{"type":"mrkdwn",)"
                R"("text":"<!here> &lt;!channel&gt; \"a\\b\""}}],)"
                R"("text":"<!here> &lt;!channel&gt; \"a\\b\""})");
}

BOOST_AUTO_TEST_CASE(cuts_text_to_what_slack_takes) {
  std::string smiles;
  for (auto i = 0; i < 10'000; ++i)
    smiles += "\xF0\x9F\x98\x80";
  auto event = goran();
  event.message = smiles;
  const configured x{std::string{webhook} + "template = \"{{message}}\""};
  const auto body = test::http(*x.it, event).body;
  const auto expected = "\"text\":\"" + smiles.substr(0, std::size_t{4} * 2999)
                        + "\xE2\x80\xA6\"}}]";
  BOOST_TEST(body.find(expected) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(refuses_an_event_that_makes_no_text) {
  const configured x{std::string{webhook} + "template = \" {{message}}\""};
  const auto made = test::shape(*x.it, goran());
  BOOST_TEST_REQUIRE(!made.has_value());
  BOOST_TEST(made.error().what.find("no text") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(posts_through_the_web_api_with_a_token) {
  const configured x{bot};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  const auto request = test::http(*x.it, goran());
  BOOST_TEST(request.url == "https://slack.com/api/chat.postMessage");
  BOOST_TEST(test::header(request, "Authorization") == "Bearer xoxb-1");
  BOOST_TEST(test::header(request, "Content-Type")
             == "application/json; charset=utf-8");
  BOOST_TEST(request.body.starts_with(R"({"channel":"C1","blocks":[)"));
}

BOOST_AUTO_TEST_CASE(paces_itself_as_slack_wants) {
  const configured x{webhook};
  BOOST_TEST(x.it->traits().rate == 1.0);
  BOOST_TEST((x.it->traits().excess == excess_policy::digest));
  BOOST_TEST(std::get<http_request>(*x.it->probe()).connect_only);
}

BOOST_AUTO_TEST_CASE(judges_a_webhooks_answer_by_status_and_word) {
  struct {
    int status;
    std::string_view body;
    outcome expected;
    std::string_view reason;
  } const rows[]{
    {200, "ok", outcome::delivered, ""},
    {200, "ok\n", outcome::delivered, ""},
    {200, "", outcome::retry, "is the URL a Slack webhook?"},
    {200, "<html>welcome", outcome::retry, "'<html>welcome'"},
    {200, "invalid_payload", outcome::event_fault, "invalid_payload"},
    {400, "invalid_payload", outcome::event_fault, "invalid_payload"},
    {400, "invalid_blocks", outcome::event_fault, "content"},
    {400, "user_not_found", outcome::destination_fault, "user_not_found"},
    {400, "what?", outcome::event_fault, "what?"},
    {403, "action_prohibited", outcome::destination_fault, "administrator"},
    {404, "channel_not_found", outcome::destination_fault, "no such channel"},
    {404, "no_service", outcome::destination_fault, "create a new one"},
    {404, "", outcome::destination_fault, "404"},
    {410, "channel_is_archived", outcome::destination_fault, "archived"},
    {429, "rate_limited", outcome::slow_down, "too many"},
    {429, "", outcome::slow_down, "429"},
    {500, "rollup_error", outcome::retry, "trouble"},
    {503, "", outcome::retry, "503"},
    {413, "", outcome::too_large, "413"},
  };
  for (const auto& row : rows) {
    const auto x = judged(webhook, {row.status, std::string{row.body}, "", ""});
    BOOST_TEST((x.what == row.expected), row.status << " " << row.body);
    BOOST_TEST(x.reason.find(row.reason) != std::string::npos, x.reason);
  }
}

BOOST_AUTO_TEST_CASE(judges_the_web_api_by_its_json) {
  struct {
    int status;
    std::string_view body;
    outcome expected;
  } const rows[]{
    {200, R"({"ok":true,"channel":"C1","ts":"1.2"})", outcome::delivered},
    {200, R"({"ok":false,"error":"channel_not_found"})",
     outcome::destination_fault},
    {200, R"({"ok":false,"error":"not_in_channel"})",
     outcome::destination_fault},
    {200, R"({"ok":false,"error":"token_revoked"})",
     outcome::destination_fault},
    {200, R"({"ok":false,"error":"restricted_action_read_only_channel"})",
     outcome::destination_fault},
    {200, R"({"ok":false,"error":"ratelimited"})", outcome::slow_down},
    {200, R"({"ok":false,"error":"internal_error"})", outcome::retry},
    {200, R"({"ok":false,"error":"msg_blocks_too_long"})",
     outcome::event_fault},
    {200, R"({"ok":false,"error":"never_heard_of"})", outcome::event_fault},
    {200, R"({"ok":false})", outcome::retry},
    {200, R"({"ok":"yes"})", outcome::retry},
    {200, "ok", outcome::retry},
    {200, "", outcome::retry},
    {200, R"({"ok":)", outcome::retry},
    {200, "[[[[", outcome::retry},
    {429, "", outcome::slow_down},
    {502, "", outcome::retry},
    {0, "", outcome::retry},
  };
  for (const auto& row : rows) {
    const auto x = judged(bot, {row.status, std::string{row.body}, "", ""});
    BOOST_TEST((x.what == row.expected), row.status << " " << row.body);
  }
}

BOOST_AUTO_TEST_CASE(hands_on_how_long_slack_asks_to_wait) {
  const auto x = judged(webhook, {429, "rate_limited", "30", ""});
  BOOST_TEST_REQUIRE(x.retry_after.has_value());
  BOOST_TEST(x.retry_after->count() == 30);
  const auto in_json =
    judged(bot, {200, R"({"ok":false,"error":"ratelimited"})", "30", ""});
  BOOST_TEST_REQUIRE(in_json.retry_after.has_value());
  BOOST_TEST(in_json.retry_after->count() == 30);
  // What it will not take, it need not be asked again.
  BOOST_TEST(!judged(webhook, {500, "invalid_blocks", "30", ""}).retry_after);
}

BOOST_AUTO_TEST_CASE(never_shows_control_characters_of_an_answer) {
  const auto x =
    judged(webhook, {200, "evil\n\x1b[31m" + std::string(5000, 'x'), "", ""});
  BOOST_TEST(x.reason.find('\n') == std::string::npos);
  BOOST_TEST(x.reason.find('\x1b') == std::string::npos);
  BOOST_TEST(x.reason.size() <= 300U);
}
