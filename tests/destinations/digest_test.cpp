#include "destinations/digest_text.hpp"
#include "tests/destinations/configured.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

using namespace signalbox;
using namespace std::chrono_literals;
using test::configured;

namespace {

struct in_utc {
  in_utc() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
};

std::string body(std::string_view keys, const digest& sum) {
  const configured x{keys};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  return std::get<http_request>(x.it->shape_digest(sum, "key").value()).body;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Events of so many users, the first of them with the most, within a span.
digest events_of(int users, duration span) {
  digest sum;
  for (auto i = 0; i < users; ++i) {
    const auto id = fmt::format("user{:05}", i);
    auto x = test::goran();
    x.user_id = id;
    for (auto n = 0; n < std::max(1, 10 - i); ++n)
      sum.add(x);
  }
  auto last = test::goran();
  last.user_id = "user00000";
  last.received += span;
  sum.add(last);
  return sum;
}

std::string text_of(const digest_list& list) {
  auto text = list.title + ":";
  for (const auto& x : list.rows)
    text += " " + x.name + "=" + grouped(x.events);
  return text;
}

} // namespace

BOOST_TEST_GLOBAL_FIXTURE(in_utc);

BOOST_AUTO_TEST_CASE(says_how_many_by_whom_and_in_which_time) {
  struct {
    int events;
    std::string_view id;
    duration span;
    std::string_view expected;
  } const rows[]{
    {1, "", 0s, "1 event"},
    {1, "joe", 0s, "1 event by 1 user"},
    {2, "", 0s, "2 events in 1 s"},
    {2, "joe", 9500ms, "2 events by 1 user in 10 s"},
    {1234, "joe", 120s, "1,234 events by 1 user in 120 s"},
    {2, "", 121s, "2 events in 3 min"},
    {2, "", 3h, "2 events in 3 h"},
  };
  for (const auto& row : rows) {
    digest sum;
    for (auto i = 0; i < row.events; ++i) {
      auto x = test::goran();
      x.user_id = row.id;
      if (i > 0)
        x.received += row.span;
      sum.add(x);
    }
    BOOST_TEST(headline(sum) == row.expected);
  }
  BOOST_TEST(headline(events_of(212, 10s))
             == "258 events by 212 users in 10 s");
  BOOST_TEST(headline(test::hostile_flood())
             == "5,000 events by over 1,000 users in 1 s");
  BOOST_TEST(grouped(0) == "0");
  BOOST_TEST(grouped(999) == "999");
  BOOST_TEST(grouped(1'000'000) == "1,000,000");
}

BOOST_AUTO_TEST_CASE(says_what_the_channel_was_spared) {
  digest sum;
  sum.add(test::goran());
  BOOST_TEST(spared(sum) == "");
  BOOST_TEST(spared(test::storm()) == "1 message instead of 1,234");
}

BOOST_AUTO_TEST_CASE(ranks_the_most_active_and_counts_the_others) {
  struct {
    int users;
    std::string_view expected;
  } const rows[]{
    {1, "Users: LAB/user00000=11"},
    {6, "Users: LAB/user00000=11 LAB/user00001=9 LAB/user00002=8 "
        "LAB/user00003=7 LAB/user00004=6 LAB/user00005=5"},
    {7, "Top users: LAB/user00000=11 LAB/user00001=9 LAB/user00002=8 "
        "LAB/user00003=7 LAB/user00004=6 2 others=9"},
    {212, "Top users: LAB/user00000=11 LAB/user00001=9 LAB/user00002=8 "
          "LAB/user00003=7 LAB/user00004=6 207 others=217"},
    {1500, "Top users: LAB/user00000=11 LAB/user00001=9 LAB/user00002=8 "
           "LAB/user00003=7 LAB/user00004=6 over 995 others=1,505"},
  };
  for (const auto& row : rows)
    BOOST_TEST(text_of(rankings_in(events_of(row.users, 1s)).at(0))
               == row.expected);
}

BOOST_AUTO_TEST_CASE(tells_slack_in_blocks) {
  const auto made = body(
    "kind = \"slack\"\nurl = \"https://h\"\nchannel = \"c\"", test::storm());
  BOOST_TEST(
    made
      == R"({"channel":"c","blocks":[)"
         R"({"type":"header","text":{"type":"plain_text",)"
         R"("text":"1,234 events by 2 users in 10 s"}},)"
         R"({"type":"context","elements":[{"type":"mrkdwn","text":")"
         R"(<!date^1795338902^{date_short_pretty} {time_secs}|)"
         R"(2026-11-22 09:15:02 UTC> to )"
         R"(<!date^1795338911^{time_secs}|09:15:11 UTC>","verbatim":true},)"
         R"({"type":"mrkdwn","text":"1 message instead of 1,234",)"
         R"("verbatim":true}]},)"
         R"({"type":"section","fields":[)"
         R"({"type":"mrkdwn","text":"*Events*\n`925`  Start session\n)"
         R"(`309`  Stop session","verbatim":true},)"
         R"({"type":"mrkdwn","text":"*Users*\n`822`  LAB/goran\n)"
         R"(`412`  LAB\\x/[click](http://evil) *b* _i_ `c` #1 &amp; +/# )"
         "\xF0\x9F\x98\x80"
         R"(","verbatim":true},)"
         R"({"type":"mrkdwn","text":"*Apps*\n`1,234`  Sales *dashboard*",)"
         R"("verbatim":true},)"
         R"({"type":"mrkdwn","text":"*Servers*\n`822`  pro2-win1\n)"
         R"(`412`  &lt;!channel&gt; \"a\\b\"","verbatim":true}]}],)"
         R"("text":"1,234 events by 2 users in 10 s: 925 Start session, )"
         R"(309 Stop session"})",
    made);
}

BOOST_AUTO_TEST_CASE(tells_teams_in_facts) {
  const auto made = body("kind = \"teams\"\nurl = \"https://h\"\n"
                         "format = \"card\"",
                         test::storm());
  const std::string_view card =
    R"({"$schema":"http://adaptivecards.io/schemas/adaptive-card.json",)"
    R"("type":"AdaptiveCard","version":"1.4","msteams":{"width":"Full"},)"
    R"("body":[)"
    R"({"type":"TextBlock","size":"Large","weight":"Bolder","wrap":true,)"
    R"("text":"1,234 events by 2 users in 10 s"},)"
    R"({"type":"TextBlock","spacing":"None","isSubtle":true,"wrap":true,)"
    R"("text":"{{DATE(2026-11-22T09:15:02Z, SHORT)}} )"
    R"({{TIME(2026-11-22T09:15:02Z)}} )"
    "\xC2\xB7"
    R"( 1 message instead of 1,234"},)"
    R"({"type":"FactSet","facts":[{"title":"925","value":"Start session"},)"
    R"({"title":"309","value":"Stop session"}]},)"
    R"({"type":"TextBlock","weight":"Bolder","wrap":true,"text":"Users"},)"
    R"({"type":"FactSet","facts":[{"title":"822","value":"LAB/goran"},)"
    R"({"title":"412","value":"LAB\\\\x/\\[click\\]\\(http://evil\\) )"
    R"(\\*b\\* \\_i\\_ \\`c\\` \\#1 & +/\\# )"
    "\xF0\x9F\x98\x80"
    R"("}]},)"
    R"({"type":"TextBlock","weight":"Bolder","wrap":true,"text":"Apps"},)"
    R"({"type":"FactSet","facts":[)"
    R"({"title":"1,234","value":"Sales \\*dashboard\\*"}]},)"
    R"({"type":"TextBlock","weight":"Bolder","wrap":true,"text":"Servers"},)"
    R"({"type":"FactSet","facts":[{"title":"822","value":"pro2-win1"},)"
    R"({"title":"412","value":"<!channel\\> \"a\\\\b\""}]}]})";
  BOOST_TEST(made == card, made);
}

BOOST_AUTO_TEST_CASE(tells_the_retired_card_in_sections) {
  const auto made = body("kind = \"teams\"\nurl = \"https://h\"\n"
                         "format = \"message_card\"",
                         test::storm());
  BOOST_TEST(holds(made,
                   R"("summary":"1,234 events by 2 users in 10 s: 925 Start )"
                   R"(session, 309 Stop session",)"),
             made);
  BOOST_TEST(holds(made, R"("title":"1,234 events by 2 users in 10 s",)"
                         R"("text":"2026-11-22 09:15:02 to 09:15:11 UTC )"
                         "\xC2\xB7"
                         R"( 1 message instead of 1,234","sections":[{"facts":)"
                         R"([{"name":"925","value":"Start session"},)"),
             made);
}

BOOST_AUTO_TEST_CASE(tells_the_period_as_briefly_as_it_can) {
  const auto slack = [](duration span) {
    return body("kind = \"slack\"\nurl = \"https://h\"", events_of(1, span));
  };
  BOOST_TEST(!holds(slack(800ms), "> to <"));
  BOOST_TEST(holds(slack(900ms), "UTC> to <!date^1795338903^{time_secs}|"));
  BOOST_TEST(holds(slack(12h), "UTC> to <!date^1795382102^{date_short_pretty} "
                               "{time_secs}|2026-11-22 21:15:02 UTC>"));
  const auto teams = [](duration span) {
    return body("kind = \"teams\"\nurl = \"https://h\"", events_of(1, span));
  };
  // Teams shows no seconds.
  BOOST_TEST(!holds(teams(50s), " to {{"));
  BOOST_TEST(holds(teams(58s), "02Z)}} to {{TIME(2026-11-22T09:16:00Z)}}"));
  BOOST_TEST(holds(teams(12h),
                   "02Z)}} to {{DATE(2026-11-22T21:15:02Z, SHORT)}} "
                   "{{TIME(2026-11-22T21:15:02Z)}}"));
}

BOOST_AUTO_TEST_CASE(tells_a_single_event_without_a_comparison) {
  digest sum;
  sum.add(test::goran());
  for (const auto* keys : {"kind = \"slack\"\nurl = \"https://h\"",
                           "kind = \"teams\"\nurl = \"https://h\""}) {
    const auto made = body(keys, sum);
    BOOST_TEST(holds(made, "\"1 event by 1 user\""), made);
    BOOST_TEST(!holds(made, "instead"), made);
  }
}

BOOST_AUTO_TEST_CASE(stays_within_the_providers_limits) {
  const auto sum = test::hostile_flood();
  const auto slack = body("kind = \"slack\"\nurl = \"https://h\"", sum);
  BOOST_TEST(slack.size() < 12'000U);
  const std::string mark = "{\"type\":\"mrkdwn\",\"text\":\"";
  auto fields = 0;
  for (auto at = slack.find(mark); at != std::string::npos;
       at = slack.find(mark, at + 1)) {
    BOOST_TEST(slack.find('"', at + mark.size()) - at - mark.size() <= 2000U);
    ++fields;
  }
  BOOST_TEST(fields == 6); // four fields, the period, what was spared
  BOOST_TEST(body("kind = \"teams\"\nurl = \"https://h\"", sum).size()
             < 28'672U);
}

BOOST_AUTO_TEST_CASE(lets_no_name_mention_a_channel) {
  digest sum;
  auto x = test::mallory();
  x.user_id = "<!here> @channel <@U1>";
  x.app_name = "#general";
  sum.add(x);
  const auto made = body("kind = \"slack\"\nurl = \"https://h\"", sum);
  BOOST_TEST(holds(made, "/&lt;!here&gt; @channel &lt;@U1&gt;\","
                         "\"verbatim\":true"),
             made);
  BOOST_TEST(!holds(made, "#general\"}"), made);
}

BOOST_AUTO_TEST_CASE(tells_the_console_in_a_few_lines) {
  const configured x{"kind = \"console\"\ncolor = \"never\""};
  auto sum = test::storm();
  auto evil = test::goran();
  evil.host = "\x1b[2Jp";
  sum.add(evil);
  const auto made =
    std::get<write_request>(x.it->shape_digest(sum, "").value());
  BOOST_TEST(
    made.bytes
    == "09:15:02 to 09:15:11  1,235 events by 2 users in 10 s\n"
       "              Events  926 Start session, 309 Stop session\n"
       "               Users  823 LAB/goran, 412 "
       "LAB\\x/[click](http://evil) *b* _i_ `c` #1 & +/# \xF0\x9F\x98\x80\n"
       "                Apps  1,234 Sales *dashboard*\n"
       "             Servers  822 pro2-win1, 412 <!channel> \"a\\b\", "
       "1 \xEF\xBF\xBD[2Jp\n");
}

BOOST_AUTO_TEST_CASE(colours_the_console_when_asked) {
  const configured x{"kind = \"console\"\ncolor = \"always\""};
  const auto made =
    std::get<write_request>(x.it->shape_digest(test::storm(), "").value());
  BOOST_TEST(made.bytes.starts_with(
    "\x1b[2m09:15:02 to 09:15:11\x1b[0m  \x1b[1m1,234 events by 2 users in 10 "
    "s\x1b[0m\n\x1b[2m"));
}

BOOST_AUTO_TEST_CASE(is_a_mistake_where_the_console_speaks_to_a_machine) {
  const configured x{
    "kind = \"console\"\nformat = \"json\"\nexcess = \"digest\""};
  BOOST_TEST(x.it == nullptr);
  BOOST_TEST(holds(x.complaint(), "digests are for people"), x.complaint());
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
