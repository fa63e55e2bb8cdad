#include "destinations/digest_text.hpp"
#include "tests/destinations/configured.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

using namespace signalbox;
using test::configured;

namespace {

std::string body(std::string_view keys, const digest& sum) {
  const configured x{keys};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  return std::get<http_request>(x.it->shape_digest(sum, "key").value()).body;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// As many long names as a digest can hold, all of them full of markup.
digest hostile_flood() {
  digest sum;
  for (auto i = 0; i < 5000; ++i) {
    const auto name = fmt::format("{:04}", i) + std::string(3000, '<');
    auto x = test::goran();
    x.user_id = name;
    x.host = name;
    x.app_name = name;
    sum.add(x);
  }
  return sum;
}

} // namespace

BOOST_AUTO_TEST_CASE(says_how_many_and_in_which_time) {
  using namespace std::chrono_literals;
  struct {
    int events;
    duration span;
    std::string_view expected;
  } const rows[]{
    {1, 0s, "1 event"},
    {2, 0s, "2 events in 1 s"},
    {2, 9500ms, "2 events in 10 s"},
    {1234, 120s, "1,234 events in 120 s"},
    {2, 121s, "2 events in 3 min"},
    {2, 3h, "2 events in 3 h"},
  };
  for (const auto& row : rows) {
    digest sum;
    for (auto i = 0; i < row.events; ++i) {
      auto x = test::goran();
      if (i > 0)
        x.received += row.span;
      sum.add(x);
    }
    BOOST_TEST(headline(sum) == row.expected);
  }
  BOOST_TEST(grouped(0) == "0");
  BOOST_TEST(grouped(999) == "999");
  BOOST_TEST(grouped(1'000'000) == "1,000,000");
}

BOOST_AUTO_TEST_CASE(tells_slack_in_blocks) {
  const auto made = body(
    "kind = \"slack\"\nurl = \"https://h\"\nchannel = \"c\"", test::storm());
  BOOST_TEST(
    made.starts_with(
      R"({"channel":"c","blocks":[{"type":"header","text":{"type":)"
      R"("plain_text","text":"1,234 events in 10 s"}},{"type":"section",)"
      R"("fields":[{"type":"mrkdwn","text":"*Events*\nStart session  925\n)"
      R"(Stop session  309"},{"type":"mrkdwn","text":"*Top users*\nLAB/goran  )"
      R"(822\n)"),
    made);
  BOOST_TEST(holds(made, "<!date^1795338902^{date_short_pretty} {time_secs}|"
                         "2026-11-22 09:15:02 UTC> to <!date^1795338911^"),
             made);
  BOOST_TEST(holds(made, "&lt;!channel&gt;"));
  BOOST_TEST(!holds(made, "<!channel>"));
  BOOST_TEST(made.ends_with(R"("text":"1,234 events in 10 s"})"), made);
}

BOOST_AUTO_TEST_CASE(tells_teams_in_facts) {
  const auto made = body("kind = \"teams\"\nurl = \"https://h\"\n"
                         "format = \"card\"",
                         test::storm());
  BOOST_TEST(
    holds(made, R"("text":"1,234 events in 10 s"},{"type":"FactSet","facts":)"
                R"([{"title":"Start session","value":"925"},)"
                R"({"title":"Stop session","value":"309"}]})"),
    made);
  BOOST_TEST(
    holds(made, R"({"title":"Sales \\*dashboard\\*","value":"1,234"})"), made);
  BOOST_TEST(holds(made, "{{DATE(2026-11-22T09:15:02Z, SHORT)}} "
                         "{{TIME(2026-11-22T09:15:02Z)}} to "),
             made);
}

BOOST_AUTO_TEST_CASE(tells_the_retired_card_in_sections) {
  const auto made = body("kind = \"teams\"\nurl = \"https://h\"\n"
                         "format = \"message_card\"",
                         test::storm());
  BOOST_TEST(holds(made,
                   R"("title":"1,234 events in 10 s","sections":[{"facts":)"
                   R"([{"name":"Start session","value":"925"})"),
             made);
}

BOOST_AUTO_TEST_CASE(stays_within_the_providers_limits) {
  const auto sum = hostile_flood();
  const auto slack = body("kind = \"slack\"\nurl = \"https://h\"", sum);
  BOOST_TEST(slack.size() < 12'000U);
  const std::string mark = "{\"type\":\"mrkdwn\",\"text\":\"";
  auto fields = 0;
  for (auto at = slack.find(mark); at != std::string::npos;
       at = slack.find(mark, at + 1)) {
    BOOST_TEST(slack.find('"', at + mark.size()) - at - mark.size() <= 2000U);
    ++fields;
  }
  BOOST_TEST(fields == 5); // four fields and the time
  BOOST_TEST(body("kind = \"teams\"\nurl = \"https://h\"", sum).size()
             < 28'672U);
}

BOOST_AUTO_TEST_CASE(tells_the_console_in_one_line) {
  const configured x{"kind = \"console\""};
  const auto made =
    std::get<write_request>(x.it->shape_digest(test::storm(), "").value());
  BOOST_TEST(made.bytes
             == "1,234 events in 10 s: Start session 925, Stop session 309\n");
}

BOOST_AUTO_TEST_CASE(is_refused_by_machines) {
  for (auto keys : {"kind = \"webhook\"\nurl = \"https://h\"",
                    "kind = \"mqtt\"\nurl = \"mqtt://h\"",
                    "kind = \"file\"\npath = \"x\""}) {
    const configured x{keys};
    const auto made = x.it->shape_digest(test::storm(), "key");
    BOOST_TEST_REQUIRE(!made.has_value());
    BOOST_TEST(made.error().what.find("excess") != std::string::npos);
  }
}
