#include "formats/app_names.hpp"

#include <boost/test/unit_test.hpp>

#include <tuple>
#include <vector>

using namespace signalbox;

namespace {

constexpr auto sales = "a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69";

} // namespace

BOOST_AUTO_TEST_CASE(reads_names_from_csv) {
  using row = std::tuple<std::string, std::string>;
  const std::string id = sales;
  const std::vector<row> rows{
    {id + ",Sales", "Sales"},
    {id + ",Sales\n", "Sales"},
    {"\xEF\xBB\xBF" + id + ",Sales\r\n", "Sales"},
    {"app id,app name\n" + id + ",Sales\n", "Sales"},
    {"\"GUID\",\"Name\"\r\n" + id + ",Sales", "Sales"},
    {id + R"(,"Sales, all of ""them""")", R"(Sales, all of "them")"},
    {"\"" + id + "\", Sales ,more,fields", "Sales"},
    {"\n\n" + id + ",Sales\n\n", "Sales"},
    {"A421F4A2-C311-4EF4-BA41-FE2E6A2B0D69,Sales", "Sales"},
    {id + ",Old\n" + id + ",New", "New"},
    {id + ",\"two\nlines\"", "two lines"},
    {id + ",F\xC3\xB6rs\xC3\xA4ljning\xFF", "Försäljning\uFFFD"},
  };
  for (const auto& [csv, expected] : rows) {
    BOOST_TEST_CONTEXT(csv) {
      app_names names;
      const auto done = names.add_csv(csv);
      BOOST_TEST_REQUIRE(done.has_value());
      BOOST_TEST(names.size() == 1U);
      BOOST_TEST(names.find(sales) == expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(names_the_line_of_the_first_bad_row) {
  using row = std::tuple<std::string, std::string>;
  const std::string good = std::string{sales} + ",Sales\n";
  const std::vector<row> rows{
    {"sales,Sales", "line 1: the app id is not a GUID"},
    {good + "id,name", "line 2: the app id is not a GUID"},
    {good + "\n" + sales, "line 3: two fields are expected: app id, app name"},
    {good + sales + ",", "line 2: the app name is empty"},
    {good + sales + ",\"open",
     "line 2: a quote is not closed or stands inside a field"},
    {std::string{sales} + ",\"two\nlines\"\n" + sales + ",a\"b",
     "line 3: a quote is not closed or stands inside a field"},
    {good + sales + ",\"a\"b",
     "line 2: a quote is not closed or stands inside a field"},
  };
  for (const auto& [csv, expected] : rows) {
    app_names names;
    const auto done = names.add_csv(csv);
    BOOST_TEST_REQUIRE(!done.has_value());
    BOOST_TEST(done.error().what == expected);
  }
}

BOOST_AUTO_TEST_CASE(an_empty_table_has_no_names) {
  app_names names;
  BOOST_TEST(names.add_csv("").has_value());
  BOOST_TEST(names.size() == 0U);
  BOOST_TEST(names.find(sales).empty());
}
