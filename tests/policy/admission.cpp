#include "policy/admission.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>
#include <string>
#include <vector>

using namespace signalbox;
using namespace std::chrono_literals;

namespace {

constexpr mono_time start{1h};

event user_event(std::string_view directory, std::string_view id) {
  event x;
  x.kind = event_kind::session_start;
  x.command = "Start session";
  x.host = "pro2-win1";
  x.user_directory = directory;
  x.user_id = id;
  x.context = "/hub/";
  return x;
}

admission make(admission_rules rules) {
  auto made = admission::make(std::move(rules));
  BOOST_REQUIRE_MESSAGE(made, made.error().what);
  return std::move(*made);
}

limit_rule per_user(double rate, double burst) {
  return {
    .name = "per user", .key = {key_field::user}, .rate = rate, .burst = burst};
}

exclude_rule exclude_user(std::string name, std::string pattern) {
  exclude_rule rule{.name = std::move(name), .match = {}};
  rule.match.user = {std::move(pattern)};
  return rule;
}

admission_rules duplicates_within(duration window) {
  admission_rules rules;
  rules.duplicates.window = window;
  return rules;
}

/// Whether one event alone passes.
bool passes(admission& entrance, const event& x, mono_time now) {
  std::vector<event> events{x};
  entrance.admit(events, now);
  return !events.empty();
}

} // namespace

BOOST_AUTO_TEST_CASE(lets_everything_pass_without_rules) {
  auto entrance = make({});
  std::vector events(3, user_event("LAB", "joe"));
  const auto tally = entrance.admit(events, start);
  BOOST_TEST(events.size() == 3U);
  BOOST_TEST(tally.duplicate == 0U);
  BOOST_TEST(entrance.keys() == 0U);
}

BOOST_AUTO_TEST_CASE(counts_an_excluded_event_for_the_first_rule_that_holds) {
  admission_rules rules;
  rules.excludes = {exclude_user("others", "OTHER/*"),
                    exclude_user("services", "INTERNAL/sa_*"),
                    exclude_user("internal", "INTERNAL/*")};
  auto entrance = make(rules);
  std::vector events{user_event("INTERNAL", "sa_api"), user_event("LAB", "a"),
                     user_event("internal", "x"), user_event("LAB", "b")};
  const auto tally = entrance.admit(events, start);
  BOOST_REQUIRE(events.size() == 2U);
  BOOST_TEST(events[0].user_id == "a");
  BOOST_TEST(events[1].user_id == "b");
  BOOST_TEST(tally.excluded == (std::vector<std::uint64_t>{0, 1, 1}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(drops_what_exceeds_the_burst_of_a_key) {
  admission_rules rules;
  rules.limits = {per_user(10, 3)};
  auto entrance = make(rules);
  std::vector events(5, user_event("LAB", "joe"));
  events.push_back(user_event("LAB", "ann"));
  const auto tally = entrance.admit(events, start);
  BOOST_REQUIRE(events.size() == 4U);
  BOOST_TEST(events.back().user_id == "ann");
  BOOST_TEST(tally.limited.at(0) == 2U);
  BOOST_TEST(!passes(entrance, user_event("LAB", "joe"), start + 99ms));
  BOOST_TEST(passes(entrance, user_event("LAB", "joe"), start + 100ms));
  BOOST_TEST(!passes(entrance, user_event("LAB", "joe"), start + 100ms));
}

BOOST_AUTO_TEST_CASE(tells_users_apart_in_any_case) {
  admission_rules rules;
  rules.limits = {per_user(1, 1)};
  auto entrance = make(rules);
  BOOST_TEST(passes(entrance, user_event("LAB", "Jürgen"), start));
  BOOST_TEST(!passes(entrance, user_event("lab", "JÜRGEN"), start));
  // Neither do texts shift from one field into the next.
  BOOST_TEST(passes(entrance, user_event("LABj", "ürgen"), start));
}

BOOST_AUTO_TEST_CASE(takes_no_token_for_what_another_limit_drops) {
  admission_rules rules;
  rules.limits = {per_user(0.001, 2),
                  {.name = "all", .key = {}, .rate = 1, .burst = 1}};
  auto entrance = make(rules);
  BOOST_TEST(passes(entrance, user_event("LAB", "ann"), start));
  std::vector events(5, user_event("LAB", "joe"));
  const auto tally = entrance.admit(events, start);
  BOOST_TEST(events.empty());
  BOOST_TEST(tally.limited == (std::vector<std::uint64_t>{0, 5}),
             boost::test_tools::per_element());
  // Both of joe's tokens are still there.
  BOOST_TEST(passes(entrance, user_event("LAB", "joe"), start + 1s));
  BOOST_TEST(passes(entrance, user_event("LAB", "joe"), start + 2s));
  BOOST_TEST(!passes(entrance, user_event("LAB", "joe"), start + 3s));
}

BOOST_AUTO_TEST_CASE(tells_apart_by_each_field) {
  const auto base = [] {
    auto x = user_event("LAB", "joe");
    x.origin = "AppAccess";
    x.app_id = "a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69";
    return x;
  }();
  struct row {
    key_field field;
    void (*change)(event&);
  };
  const std::vector<row> rows{
    {key_field::source,
     [](event& x) {
       x.source.address[15] = 7;
     }},
    {key_field::host,
     [](event& x) {
       x.host = "pro2-win2";
     }},
    {key_field::user,
     [](event& x) {
       x.user_id = "ann";
     }},
    {key_field::user,
     [](event& x) {
       x.user_directory = "OTHER";
     }},
    {key_field::kind,
     [](event& x) {
       x.kind = event_kind::session_stop;
     }},
    {key_field::app,
     [](event& x) {
       x.app_id = "e7af59a0";
     }},
    {key_field::origin,
     [](event& x) {
       x.origin = "(other)";
     }},
    {key_field::context,
     [](event& x) {
       x.context = "/app/";
     }},
  };
  for (const auto& [field, change] : rows) {
    BOOST_TEST_CONTEXT("field " << static_cast<int>(field)) {
      admission_rules rules;
      rules.limits = {{.name = "one", .key = {field}, .rate = 1, .burst = 1}};
      auto entrance = make(rules);
      auto changed = base;
      change(changed);
      BOOST_TEST(passes(entrance, base, start));
      BOOST_TEST(!passes(entrance, base, start));
      BOOST_TEST(passes(entrance, changed, start));
    }
  }
}

BOOST_AUTO_TEST_CASE(ignores_the_port_of_a_source_and_tells_unknown_commands) {
  admission_rules rules;
  rules.limits = {{.name = "source",
                   .key = {key_field::source, key_field::kind},
                   .rate = 1,
                   .burst = 1}};
  auto entrance = make(rules);
  auto x = user_event("LAB", "joe");
  x.kind = event_kind::other;
  x.command = "Print";
  BOOST_TEST(passes(entrance, x, start));
  x.source.port = 4711;
  BOOST_TEST(!passes(entrance, x, start));
  x.command = "Export";
  BOOST_TEST(passes(entrance, x, start));
}

BOOST_AUTO_TEST_CASE(drops_duplicates_until_the_window_of_the_first_is_over) {
  auto entrance = make(duplicates_within(2s));
  const auto joe = user_event("LAB", "joe");
  std::vector events{joe, joe, user_event("LAB", "ann"), joe};
  const auto tally = entrance.admit(events, start);
  BOOST_TEST(events.size() == 2U);
  BOOST_TEST(tally.duplicate == 2U);
  // A duplicate does not make the window longer.
  BOOST_TEST(!passes(entrance, joe, start + 1s));
  BOOST_TEST(!passes(entrance, joe, start + 2s - 1ns));
  BOOST_TEST(passes(entrance, joe, start + 2s));
  BOOST_TEST(!passes(entrance, joe, start + 3s));
}

BOOST_AUTO_TEST_CASE(remembers_a_duplicate_only_if_its_first_was_admitted) {
  auto rules = duplicates_within(10s);
  rules.limits = {{.name = "all", .key = {}, .rate = 1, .burst = 1}};
  rules.excludes = {exclude_user("x", "LAB/excluded")};
  auto entrance = make(rules);
  const auto joe = user_event("LAB", "joe");
  BOOST_TEST(passes(entrance, user_event("LAB", "ann"), start));
  std::vector events{joe};
  const auto first = entrance.admit(events, start);
  BOOST_TEST(first.limited.at(0) == 1U);
  BOOST_TEST(passes(entrance, joe, start + 1s));
  events = {joe};
  const auto second = entrance.admit(events, start + 2s);
  BOOST_TEST(second.duplicate == 1U);
  BOOST_TEST(second.limited.at(0) == 0U);
}

BOOST_AUTO_TEST_CASE(accounts_for_every_event_of_random_batches) {
  auto rules = duplicates_within(50ms);
  rules.excludes = {exclude_user("one", "LAB/1?"), exclude_user("two", "/2/")};
  rules.limits = {per_user(5, 2),
                  {.name = "all", .key = {}, .rate = 200, .burst = 20}};
  auto entrance = make(rules);
  std::mt19937_64 random{20};
  std::vector<std::string> ids;
  ids.reserve(60);
  for (int i = 0; i < 60; ++i)
    ids.push_back(std::to_string(i));
  auto now = start;
  for (int round = 0; round < 2000; ++round) {
    std::vector<event> events(random() % 65);
    for (auto& x : events) {
      x = user_event("LAB", ids[random() % ids.size()]);
      x.row_number = static_cast<std::uint64_t>(&x - events.data());
    }
    const auto before = events.size();
    const auto tally = entrance.admit(events, now);
    auto sum = events.size() + tally.duplicate;
    for (const auto n : tally.excluded)
      sum += n;
    for (const auto n : tally.limited)
      sum += n;
    BOOST_REQUIRE(sum == before);
    BOOST_REQUIRE(std::ranges::is_sorted(events, {}, &event::row_number));
    now += std::chrono::milliseconds{random() % 100};
  }
}

BOOST_AUTO_TEST_CASE(forgets_idle_keys) {
  auto rules = duplicates_within(2s);
  rules.limits = {per_user(10, 10)};
  auto entrance = make(rules);
  std::vector<std::string> ids;
  std::vector<event> events;
  ids.reserve(1000);
  events.reserve(1000);
  for (int i = 0; i < 1000; ++i)
    ids.push_back("user" + std::to_string(i));
  for (const auto& id : ids)
    events.push_back(user_event("LAB", id));
  entrance.admit(events, start);
  BOOST_TEST(entrance.keys() == 2000U);
  events.clear();
  entrance.admit(events, start + 4s);
  BOOST_TEST(entrance.keys() == 0U);
}

BOOST_AUTO_TEST_CASE(refuses_rules_that_make_no_sense) {
  struct row {
    admission_rules rules;
    std::string_view says;
  };
  const auto with_limit = [](double rate, double burst) {
    admission_rules rules;
    rules.limits = {per_user(rate, burst)};
    return rules;
  };
  const auto with_exclude = [](exclude_rule rule) {
    admission_rules rules;
    rules.excludes = {std::move(rule)};
    return rules;
  };
  auto no_key = duplicates_within(1s);
  no_key.duplicates.key.clear();
  const std::vector<row> rows{
    {with_limit(0, 1), "limit \"per user\": the rate"},
    {with_limit(-1, 1), "limit \"per user\": the rate"},
    {with_limit(std::nan(""), 1), "limit \"per user\": the rate"},
    {with_limit(1, 0), "limit \"per user\": the burst"},
    {with_exclude({.name = "all", .match = {}}),
     "exclude \"all\": there is no"},
    {with_exclude(exclude_user("bad", "/(/")), R"(exclude "bad": user: "/(/")"},
    {duplicates_within(-1s), "duplicates: the window"},
    {no_key, "duplicates: the key"},
  };
  for (const auto& [rules, says] : rows) {
    const auto made = admission::make(rules);
    BOOST_REQUIRE(!made);
    BOOST_TEST(made.error().what.starts_with(says), made.error().what);
    BOOST_TEST(to_string(made.error().kind) == "bad_config");
  }
}
