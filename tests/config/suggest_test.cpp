#include "config/suggest.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

using namespace signalbox::config;

namespace data = boost::unit_test::data;

namespace {

constexpr std::array<std::string_view, 7> known{
  "console", "file", "mqtt", "rate", "slack", "teams", "webhook"};

struct slip {
  std::string wrong;
  std::string meant;
};

std::ostream& operator<<(std::ostream& out, const slip& x) {
  return out << x.wrong;
}

const std::vector<slip> slips{
  {"slak", "slack"},
  {"slakc", "slack"},
  {"SLACK", "slack"},
  {"Slack", "slack"},
  {"tems", "teams"},
  {"mqqt", "mqtt"},
  {"webhok", "webhook"},
  {"web-hook", "webhook"},
  {"rte", "rate"},
  {"consloe", "console"},
  {"fille", "file"},
  {"discord", ""},
  {"", ""},
  {"x", ""},
  {std::string(65, 'a'), ""},
  {std::string(1'000'000, 's'), ""},
};

} // namespace

BOOST_DATA_TEST_CASE(finds_the_name_that_was_meant, data::make(slips), x) {
  BOOST_TEST(closest(x.wrong, known) == x.meant);
}

BOOST_AUTO_TEST_CASE(ends_a_sentence_only_when_it_has_something_to_say) {
  BOOST_TEST(did_you_mean("slak", known) == ", did you mean 'slack'?");
  BOOST_TEST(did_you_mean("discord", known).empty());
  BOOST_TEST(did_you_mean("slak", {}).empty());
}
