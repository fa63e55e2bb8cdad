#include "policy/match.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <memory>
#include <string>
#include <vector>

using namespace signalbox;

namespace {

constexpr std::array attributes{
  attribute{"env", "prod"},
  attribute{"tag", "a"},
  attribute{"tag", "b"},
};

event example() {
  event x;
  x.kind = event_kind::connection_open;
  x.command = "Open connection";
  x.host = "pro2-win1";
  x.user_directory = "LAB";
  x.user_id = "Jürgen";
  x.origin = "https://sense.domain.com";
  x.app_id = "a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69";
  x.app_name = "Sales (2026)";
  x.attributes = attributes;
  return x;
}

matcher compile(const match_spec& spec) {
  auto made = matcher::compile(spec);
  BOOST_REQUIRE_MESSAGE(made, made.error().what);
  return std::move(*made);
}

using patterns = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_CASE(matches_everything_without_patterns) {
  match_spec spec;
  BOOST_TEST(spec.empty());
  spec.attributes["env"] = {};
  BOOST_TEST(spec.empty());
  BOOST_TEST(compile(spec).holds(example()));
  BOOST_TEST(matcher{}.holds(event{}));
  spec.host = {"*"};
  BOOST_TEST(!spec.empty());
}

BOOST_AUTO_TEST_CASE(matches_each_field_by_text_glob_and_expression) {
  using field = patterns match_spec::*;
  struct row {
    field where;
    patterns any_of;
    bool holds;
  };
  const std::vector<row> rows{
    {&match_spec::kind, {"connection_open"}, true},
    {&match_spec::kind, {"session_start"}, false},
    {&match_spec::kind, {"session_start", "connection_open"}, true},
    {&match_spec::kind, {"connection_*"}, true},
    {&match_spec::kind, {"session_*", "other"}, false},
    {&match_spec::kind, {"/open$/"}, true},
    {&match_spec::command, {"Open connection"}, true},
    {&match_spec::command, {"open connection"}, false},
    {&match_spec::command, {"Open*"}, true},
    {&match_spec::host, {"pro2-win1"}, true},
    {&match_spec::host, {"pro2-win"}, false},
    {&match_spec::host, {"pro?-*"}, true},
    {&match_spec::host, {"/win[0-9]+$/"}, true},
    {&match_spec::host, {"/^win/"}, false},
    {&match_spec::host, {"a", "b", "pro2-win1", "c"}, true},
    {&match_spec::host, {"a", "b*", "/c/"}, false},
    {&match_spec::host, {"*"}, true},
    {&match_spec::host, {""}, false},
    {&match_spec::host, {"/"}, false},
    {&match_spec::host, {"//"}, false},
    {&match_spec::user, {"LAB/Jürgen"}, true},
    {&match_spec::user, {"lab/JÜRGEN"}, true},
    {&match_spec::user, {"lab/*"}, true},
    {&match_spec::user, {"Lab/J?RGEN"}, true},
    {&match_spec::user, {"OTHER/*"}, false},
    {&match_spec::user, {"Jürgen"}, false},
    {&match_spec::user, {"*/jürgen"}, true},
    {&match_spec::user, {"/^LAB/J.RGEN$/"}, true},
    {&match_spec::user, {"/Ü/"}, true},
    {&match_spec::user, {"LAB\\Jürgen"}, false},
    {&match_spec::app, {"a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69"}, true},
    {&match_spec::app, {"A421F4A2-C311-4EF4-BA41-FE2E6A2B0D69"}, true},
    {&match_spec::app, {"Sales (2026)"}, true},
    {&match_spec::app, {"sales (2026)"}, false},
    {&match_spec::app, {"Sales*"}, true},
    {&match_spec::app, {"/2026/"}, true},
    {&match_spec::app, {""}, false},
    {&match_spec::app, {"Finance"}, false},
    {&match_spec::origin, {"https://*"}, true},
    {&match_spec::origin, {"AppAccess"}, false},
  };
  for (const auto& [where, any_of, holds] : rows) {
    BOOST_TEST_CONTEXT(any_of.front()) {
      match_spec spec;
      spec.*where = any_of;
      BOOST_TEST(compile(spec).holds(example()) == holds);
    }
  }
}

BOOST_AUTO_TEST_CASE(wants_every_field_to_hold) {
  match_spec spec;
  spec.kind = {"connection_open"};
  spec.user = {"LAB/*"};
  spec.host = {"*"};
  spec.app = {"*"};
  const auto match = compile(spec);
  BOOST_TEST(match.holds(example()));
  auto other_user = example();
  other_user.user_directory = "OTHER";
  BOOST_TEST(!match.holds(other_user));
  auto other_kind = example();
  other_kind.kind = event_kind::connection_close;
  BOOST_TEST(!match.holds(other_kind));
  // A star does not ask for an app: sessions have none.
  auto no_app = example();
  no_app.app_id = {};
  no_app.app_name = {};
  BOOST_TEST(match.holds(no_app));
}

BOOST_AUTO_TEST_CASE(matches_attributes_that_are_there) {
  struct row {
    std::string name;
    patterns any_of;
    bool holds;
  };
  const std::vector<row> rows{
    {"env", {"prod"}, true},     {"env", {"test", "pr*"}, true},
    {"env", {"test"}, false},    {"tag", {"b"}, true},
    {"tag", {"c"}, false},       {"ENV", {"prod"}, false},
    {"none", {"*"}, false},      {"none", {""}, false},
    {"env", {"/^p.*d$/"}, true},
  };
  for (const auto& [name, any_of, holds] : rows) {
    BOOST_TEST_CONTEXT(name << " " << any_of.front()) {
      match_spec spec;
      spec.attributes[name] = any_of;
      BOOST_TEST(compile(spec).holds(example()) == holds);
    }
  }
}

BOOST_AUTO_TEST_CASE(matches_absent_text_as_empty) {
  match_spec spec;
  spec.user = {""};
  spec.app = {""};
  const auto match = compile(spec);
  BOOST_TEST(match.holds(event{}));
  event x;
  x.app_name = "Sales";
  BOOST_TEST(!match.holds(x));
  event known;
  known.user_id = "joe";
  BOOST_TEST(!match.holds(known));
  match_spec no_directory;
  no_directory.user = {"/joe"};
  BOOST_TEST(compile(no_directory).holds(known));
}

BOOST_AUTO_TEST_CASE(keeps_matching_in_a_copy) {
  match_spec spec;
  spec.host = {"a*"};
  auto original = std::make_unique<matcher>(compile(spec));
  const auto copy = *original;
  original.reset();
  event x;
  x.host = "abc";
  BOOST_TEST(copy.holds(x));
  x.host = "bc";
  BOOST_TEST(!copy.holds(x));
}

BOOST_AUTO_TEST_CASE(matches_hostile_users_of_any_length) {
  match_spec spec;
  spec.user = {"*/x*y", "/(a+)+$/"};
  const auto match = compile(spec);
  const std::string long_id = std::string(60'000, 'a') + "!";
  event x;
  x.user_directory = "LAB";
  x.user_id = long_id;
  BOOST_TEST(!match.holds(x));
  const auto matching = std::string{"x"} + std::string(60'000, '/') + "Y";
  x.user_id = matching;
  BOOST_TEST(match.holds(x));
}

BOOST_AUTO_TEST_CASE(says_which_pattern_is_invalid_and_why) {
  struct row {
    match_spec spec;
    std::string_view says;
  };
  const auto with = [](patterns match_spec::*field, std::string pattern) {
    match_spec spec;
    spec.*field = {"fine", std::move(pattern)};
    if (field == &match_spec::kind)
      spec.kind.erase(spec.kind.begin());
    return spec;
  };
  match_spec attribute;
  attribute.attributes["env"] = {"/[/"};
  const std::vector<row> rows{
    {with(&match_spec::host, "/(/"),
     "host: \"/(/\" is no valid regular expression (RE2): missing ): ("},
    {with(&match_spec::user, "/[/"), "user: \"/[/\" is no valid"},
    {with(&match_spec::app, "/a{1001}/"), "app: \"/a{1001}/\" is no valid"},
    {with(&match_spec::origin, "/(?=x)/"), "origin: "},
    // Would be refused for its memory: a million copies.
    {with(&match_spec::command, "/((a{100}){100}){100}/"), "command: "},
    {attribute, "attributes.env: \"/[/\""},
    {with(&match_spec::kind, "session_begin"),
     "kind: \"session_begin\" is unknown; there are session_start, "
     "session_stop, connection_open, connection_close, other"},
    {with(&match_spec::kind, "x_*"), "kind: \"x_*\" is unknown"},
    {with(&match_spec::kind, "/(/"), "kind: \"/(/\" is no valid"},
  };
  for (const auto& [spec, says] : rows) {
    const auto made = matcher::compile(spec);
    BOOST_TEST_CONTEXT(says) {
      BOOST_REQUIRE(!made);
      BOOST_TEST(made.error().what.starts_with(says), made.error().what);
      BOOST_TEST(to_string(made.error().kind) == "bad_config");
    }
  }
}
