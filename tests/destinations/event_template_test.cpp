#include "destinations/event_template.hpp"
#include "tests/destinations/configured.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace signalbox;
using test::goran;

namespace {

std::string rendered(std::string_view text, const event& x,
                     escape::function how = escape::none) {
  auto parsed = event_template::parse(text, how);
  return parsed ? parsed->render(x) : parsed.error().what;
}

} // namespace

BOOST_AUTO_TEST_CASE(inserts_every_field) {
  const std::array attributes{attribute{"ticket", "T-1"}};
  auto x = goran();
  x.origin = "AppAccess";
  x.context = "/app/1";
  x.message = "hello";
  x.app_id = "a-1";
  x.browser = "Firefox";
  x.browser_major = "58";
  x.os = "Windows";
  x.os_version = "10";
  x.user_agent = "Mozilla";
  x.row_number = 7;
  x.external_id = "e-1";
  x.attributes = attributes;
  struct {
    std::string_view text;
    std::string_view expected;
  } const rows[]{
    {"{{kind}}", "session_start"},
    {"{{command}}", "Start session"},
    {"{{host}}", "pro2-win1"},
    {"{{user}}", "LAB/goran"},
    {"{{user.directory}}/{{user.id}}", "LAB/goran"},
    {"{{origin}} {{context}} {{message}}", "AppAccess /app/1 hello"},
    {"{{app}} {{app.id}} {{app.name}}", "a-1 a-1 "},
    {"{{browser}} {{browser.major}}", "Firefox 58"},
    {"{{os}} {{os.version}}", "Windows 10"},
    {"{{user_agent}}", "Mozilla"},
    {"{{time}}", "2026-11-22T09:15:02.123Z"},
    {"{{row_number}}", "7"},
    {"{{external_id}}", "e-1"},
    {"{{id}}", "01935f2a-1b7b-7001-8000-000000000001"},
    {"{{source}}", "::"},
    {"{{attributes.ticket}}{{attributes.absent}}", "T-1"},
    {" {{ user.id }} ", " goran "},
    {"a{{! a remark }}b", "ab"},
    {"no field", "no field"},
    {"", ""},
    {"} }} {", "} }} {"},
  };
  for (const auto& row : rows)
    BOOST_TEST(rendered(row.text, x) == row.expected);
}

BOOST_AUTO_TEST_CASE(knows_the_names_that_it_lists) {
  const auto names = event_template::field_names();
  BOOST_TEST(std::ranges::is_sorted(names));
  for (auto name : names)
    BOOST_TEST(
      event_template::parse("{{" + std::string{name} + "}}", escape::none)
        .has_value());
}

BOOST_AUTO_TEST_CASE(names_a_user_without_directory_alone) {
  auto x = goran();
  x.user_directory = {};
  BOOST_TEST(rendered("{{user}}", x) == "goran");
}

BOOST_AUTO_TEST_CASE(escapes_values_but_neither_literals_nor_raw_fields) {
  auto x = goran();
  x.user_id = "<b>";
  BOOST_TEST(rendered("<{{user.id}}>", x, escape::slack) == "<&lt;b&gt;>");
  BOOST_TEST(rendered("{{{user.id}}}{{& user.id}}", x, escape::slack)
             == "<b><b>");
}

BOOST_AUTO_TEST_CASE(never_escapes_for_html) {
  auto x = goran();
  x.user_id = "a'b\"c<d>&";
  BOOST_TEST(rendered("{{user.id}}", x) == "a'b\"c<d>&");
  BOOST_TEST(rendered("{{#host}}{{user.id}}{{/host}}", x) == "a'b\"c<d>&");
}

BOOST_AUTO_TEST_CASE(keeps_sections_by_whether_a_field_has_a_value) {
  auto x = goran();
  const auto text = "{{command}}{{#app}} in {{app}}{{/app}}"
                    "{{^app}} (no app){{/app}}";
  BOOST_TEST(rendered(text, x) == "Start session (no app)");
  x.app_name = "Sales <1>";
  BOOST_TEST(rendered(text, x, escape::slack)
             == "Start session in Sales &lt;1&gt;");
}

BOOST_AUTO_TEST_CASE(values_are_not_templates) {
  auto x = goran();
  x.user_id = "{{host}} {{#host}}";
  BOOST_TEST(rendered("{{user.id}}", x) == "{{host}} {{#host}}");
  BOOST_TEST(rendered("{{#host}}{{user.id}}{{/host}}", x)
             == "{{host}} {{#host}}");
}

BOOST_AUTO_TEST_CASE(escapes_an_empty_value_within_sections_too) {
  auto x = goran();
  x.origin = {};
  BOOST_TEST(
    rendered("{{#host}}a/{{origin}}/b{{/host}}", x, escape::topic_level)
    == "a/_/b");
}

BOOST_AUTO_TEST_CASE(says_where_a_template_is_wrong) {
  struct {
    std::string_view text;
    std::string_view expected;
  } const rows[]{
    {"{{user.idd}}",
     "line 1, column 1: unknown field 'user.idd', did you mean 'user.id'?"},
    {"one\n two {{hots}}",
     "line 2, column 6: unknown field 'hots', did you mean 'host'?"},
    {"{{#oss}}{{/oss}}",
     "line 1, column 1: unknown field 'oss', did you mean 'os'?"},
    {"a {{user.id", "line 1, column 3: '{{' has no closing '}}'"},
    {"a {{{user.id}}", "line 1, column 3: '{{{' has no closing '}}}'"},
    {"x{{#os}}y", "line 1, column 2: Unclosed section \"os\""},
    {"x{{/os}}y", "line 1, column 2: Unopened section \"os\""},
    {"{{#os}}{{#host}}{{/os}}{{/host}}",
     "line 1, column 1: Unclosed section \"os\""},
  };
  const auto x = goran();
  for (const auto& row : rows)
    BOOST_TEST(rendered(row.text, x) == row.expected);
}

BOOST_AUTO_TEST_CASE(refuses_what_it_does_not_offer) {
  const auto x = goran();
  for (auto text : {"{{> part}}", "{{=<% %>=}}"})
    BOOST_TEST(rendered(text, x).starts_with(
      "line 1, column 1: partials ({{> }}) and other delimiters"));
  BOOST_TEST(rendered("{{}}", x).starts_with(
    "line 1, column 1: unknown field ''; the fields are app, app.id,"));
  BOOST_TEST(rendered("{{attributes.}}", x)
               .starts_with("line 1, column 1: unknown field 'attributes.'"));
}
