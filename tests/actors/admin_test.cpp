#include "actors/admin_access.hpp"
#include "actors/letter_params.hpp"
#include "actors/letters_json.hpp"
#include "actors/status_json.hpp"
#include "messages/actors.hpp"
#include "tests/support/events.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <simdjson.h>

#include <chrono>
#include <ostream>
#include <string>
#include <vector>

using namespace signalbox;
using namespace std::chrono_literals;

namespace {

namespace data = boost::unit_test::data;

// -- access -------------------------------------------------------------------

struct visit {
  const char* what;
  char does; ///< 'o': what is open to all, 'r': reads, 'c': changes.
  const char* host;
  const char* authorization;
  const char* origin;
  const char* sec_fetch_site;
  const char* token;
  int status; ///< 0: let in.

  [[nodiscard]] admin_asker who() const {
    return {does == 'o',   does == 'c', host,
            authorization, origin,      sec_fetch_site};
  }
};

std::ostream& operator<<(std::ostream& out, const visit& x) {
  return out << x.what;
}

constexpr auto us = "127.0.0.1:9796";
constexpr auto page = "http://127.0.0.1:9796";
constexpr auto evil = "http://evil.example";

const std::vector<visit> visits{
  {"a loopback name", 'r', "localhost:9796", "", "", "", "", 0},
  {"IPv6", 'r', "[::1]:9796", "", "", "", "", 0},
  {"no port", 'r', "127.1.2.3", "", "", "", "", 0},
  {"a name elsewhere", 'r', "evil.example", "", "", "", "", 421},
  {"a name that begins so", 'r', "localhost.evil.example", "", "", "", "", 421},
  {"half a name", 'r', "[::1", "", "", "", "", 421},
  {"no host", 'r', "", "", "", "", "", 421},
  {"open to all", 'o', "evil.example", "", "", "", "t0k", 0},
  {"reads, with an origin", 'r', us, "", evil, "cross-site", "", 0},
  {"a program", 'c', us, "", "", "", "", 0},
  {"our page", 'c', us, "", page, "same-origin", "", 0},
  {"typed by hand", 'c', us, "", "", "none", "", 0},
  {"our page by TLS", 'c', us, "", "https://127.0.0.1:9796", "", "", 0},
  {"by another name", 'c', us, "", "http://localhost:9796", "", "", 403},
  {"on another port", 'c', us, "", "http://127.0.0.1:80", "", "", 403},
  {"without an origin", 'c', us, "", "null", "", "", 403},
  {"of the same site", 'c', us, "", "", "same-site", "", 403},
  {"from elsewhere", 'c', us, "", page, "cross-site", "", 403},
  {"the token", 'r', "any.example", "Bearer t0k", "", "", "t0k", 0},
  {"the token, elsewhere", 'c', "any.example", "Bearer t0k", evil, "", "t0k",
   0},
  {"another token", 'r', us, "Bearer t0", "", "", "t0k", 401},
  {"another scheme", 'r', us, "Basic t0k", "", "", "t0k", 401},
  {"no token", 'c', us, "", page, "same-origin", "t0k", 401},
};

// -- parameters ---------------------------------------------------------------

const std::vector<letter_params> mistakes{
  {{"id", "0"}},
  {{"id", "-1"}},
  {{"id", "1x"}},
  {{"id", "99999999999999999999"}},
  {{"reason", "count"}},
  {{"reason", "Refused"}},
  {{"older_than", "1"}},
  {{"limit", "0"}},
  {{"limit", "1001"}},
  {{"destinatoin", "hook"}},
  {{"id", "1"}, {"id", "1"}},
  {{"all", "true"}},
};

const std::vector<letter_params> wrong_changes{
  {{"limit", "1"}},         {{"after", "1"}}, {{"destination", ""}},
  {{"all", "false"}},       {{"all", ""}},    {{"all", "true"}, {"id", "1"}},
  {{"id", "1"}, {"x", ""}},
};

std::string shown(const letter_params& x) {
  std::string out;
  for (const auto& [name, value] : x)
    out += name + "=" + value + " ";
  return out;
}

const wall_time now = test::noon;

// -- letters ------------------------------------------------------------------

dead_letter letter_of(std::uint64_t id, const event_batch_ptr& batch) {
  dead_letter x;
  x.id = id;
  x.destination = "hook";
  x.answer = "no </script>\nof \"that\"";
  x.buried = now;
  x.attempts = 12;
  x.history = {{now - 1s, "first\x1b[2J"}, {now, "last"}};
  x.batch = batch;
  x.what = batch ? batch->events.data() : nullptr;
  x.events = batch ? 1 : 7;
  return x;
}

} // namespace

BOOST_DATA_TEST_CASE(lets_in_who_may_come, data::make(visits), x) {
  const auto why = refuse(x.who(), x.token);
  BOOST_TEST((why ? why->status : 0) == x.status);
  BOOST_TEST((!why || why->words.ends_with('\n')));
}

BOOST_AUTO_TEST_CASE(reads_what_a_list_asks_for) {
  const auto x = letters_to_list({{"destination", "hook"},
                                  {"reason", "exhausted"},
                                  {"older_than", "1h"},
                                  {"after", "7"},
                                  {"limit", "20"},
                                  {"id", ""}},
                                 now);
  BOOST_REQUIRE(x.has_value());
  BOOST_TEST(x->destination == "hook");
  BOOST_TEST((x->reason == dead_reason::exhausted));
  BOOST_TEST((x->buried_before == now - 1h));
  BOOST_TEST(x->after == 7U);
  BOOST_TEST(x->limit == 20U);
  BOOST_TEST(x->id == 0U);
}

BOOST_AUTO_TEST_CASE(an_age_before_all_time_matches_nothing) {
  const auto x = letters_to_list({{"older_than", "100000d"}}, now);
  BOOST_REQUIRE(x.has_value());
  BOOST_TEST((x->buried_before <= wall_time{}));
}

BOOST_AUTO_TEST_CASE(refuses_what_it_does_not_understand) {
  for (const auto& x : mistakes) {
    BOOST_TEST_CONTEXT(shown(x)) {
      const auto list = letters_to_list(x, now);
      BOOST_REQUIRE(!list);
      BOOST_TEST((list.error().kind == errc::usage));
    }
  }
  for (const auto& x : wrong_changes)
    BOOST_TEST_CONTEXT(shown(x)) {
      BOOST_TEST(!letters_to_retry(x, now));
      BOOST_TEST(!letters_to_purge(x, now));
    }
}

BOOST_AUTO_TEST_CASE(deletes_all_only_if_told_so) {
  BOOST_TEST(letters_to_retry({}, now).has_value());
  BOOST_TEST(!letters_to_purge({}, now));
  BOOST_TEST(letters_to_purge({{"all", "true"}}, now).has_value());
  BOOST_TEST(letters_to_purge({{"id", "3"}}, now).value().id == 3U);
}

BOOST_AUTO_TEST_CASE(what_is_not_understood_is_repeated_as_one_line) {
  const auto x = letters_to_list({{"x\r\n\x1b[2J", "y"}}, now);
  BOOST_REQUIRE(!x);
  BOOST_TEST(x.error().what.find_first_of("\r\n\x1b") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_letter_becomes_json_that_cannot_be_broken_out_of) {
  const auto batch = test::batch_of({"jo\"e"});
  simdjson::dom::parser parser;
  const auto x = parser.parse(letter_json(letter_of(3, batch))).value();
  BOOST_TEST(x["id"].get_uint64().value() == 3U);
  BOOST_TEST(x["destination"].get_string().value() == "hook");
  BOOST_TEST(x["reason"].get_string().value() == "refused");
  BOOST_TEST(x["answer"].get_string().value() == "no </script> of \"that\"");
  BOOST_TEST(x["buried"].get_string().value() == "2026-11-22T09:15:02.000Z");
  BOOST_TEST(x["attempts"].get_uint64().value() == 12U);
  BOOST_TEST(x["history"].get_array().value().size() == 2U);
  BOOST_TEST(x["history"].at(0)["answer"].get_string().value()
             == "first\xef\xbf\xbd[2J");
  BOOST_TEST(x["event"]["user"]["id"].get_string().value() == "jo\"e");
  BOOST_TEST(x["event_id"].get_string().value()
             == x["event"]["id"].get_string().value());
  BOOST_TEST(!x["requested"].get_bool().value());
}

BOOST_AUTO_TEST_CASE(a_digest_has_no_event) {
  simdjson::dom::parser parser;
  const auto x = parser.parse(letter_json(letter_of(3, nullptr))).value();
  BOOST_TEST(x["event"].is_null());
  BOOST_TEST(x["event_id"].is_null());
  BOOST_TEST(x["events"].get_uint64().value() == 7U);
}

BOOST_AUTO_TEST_CASE(a_page_stops_before_it_is_too_long) {
  const auto batch = test::batch_of({"joe"});
  letter_page letters;
  letters.total = 1000;
  for (std::uint64_t i = 1; i <= 100; ++i)
    letters.letters.push_back(letter_of(i, batch));
  simdjson::dom::parser parser;
  const auto all = parser.parse(letters_json(letters)).value();
  BOOST_TEST(all["letters"].get_array().value().size() == 100U);
  const auto some = parser.parse(letters_json(letters, 5000)).value();
  BOOST_TEST(some["total"].get_uint64().value() == 1000U);
  const auto n = some["letters"].get_array().value().size();
  BOOST_TEST(n > 1U);
  BOOST_TEST(n < 20U);
}

BOOST_AUTO_TEST_CASE(mistakes_become_a_list) {
  BOOST_TEST(mistakes_json("a:1:2: \"x\"\nb\n")
             == R"({"mistakes":["a:1:2: \"x\"","b"]})");
  BOOST_TEST(mistakes_json("") == R"({"mistakes":[]})");
}

BOOST_AUTO_TEST_CASE(dead_letters_are_no_counter_for_they_can_be_delivered) {
  books b;
  passed_terms done;
  done.dead_lettered = 3;
  b.open_account("hook", done, 0);
  const auto text = metrics_text({}, b.picture());
  BOOST_TEST(
    text.find("# TYPE signalbox_destination_dead_lettered_events gauge")
    != std::string::npos);
  BOOST_TEST(text.find("signalbox_destination_dead_lettered_events{"
                       "destination=\"hook\"} 3")
             != std::string::npos);
}
