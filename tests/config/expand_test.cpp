#include "config/expand.hpp"
#include "tests/config/support.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <ostream>

using namespace signalbox::config;

namespace data = boost::unit_test::data;

namespace {

const variables xs{{"HOST", "broker"},
                   {"_1", "one"},
                   {"EMPTY", ""},
                   {"NESTED", "${HOST}"},
                   {"BRACE", "}"}};

struct row {
  std::string text;
  std::string expanded;
};

std::ostream& operator<<(std::ostream& out, const row& x) {
  return out << x.text;
}

const std::vector<row> good{
  {"", ""},
  {"plain", "plain"},
  {"${HOST}", "broker"},
  {"mqtt://${HOST}:1883", "mqtt://broker:1883"},
  {"${HOST}${_1}", "brokerone"},
  {"${EMPTY}", ""},
  {"${EMPTY:-x}", "x"},
  {"${HOST:-x}", "broker"},
  {"${NONE:-x}", "x"},
  {"${NONE:-}", ""},
  {"${NONE:-a:-b}", "a:-b"},
  {"${NONE:-http://a:1/}", "http://a:1/"},
  {"${NESTED}", "${HOST}"},
  {"$${HOST}", "${HOST}"},
  {"$${", "${"},
  {"$$${HOST}", "$${HOST}"},
  {"${HOST}$${HOST}${HOST}", "broker${HOST}broker"},
  {"$HOST", "$HOST"},
  {"5$ and $", "5$ and $"},
  {"{{user.id}}", "{{user.id}}"},
  {"${BRACE}x", "}x"},
};

const std::vector<row> bad{
  {"${NONE}", "the environment variable 'NONE' is not set; set it, or write "
              "'${NONE:-default}'\n"},
  {"${A} ${HOST} ${B}",
   "the environment variable 'A' is not set; set it, or write "
   "'${A:-default}'\n"
   "the environment variable 'B' is not set; set it, or write "
   "'${B:-default}'\n"},
  {"a${HOST", "'${' without its '}'; '$${' writes a plain '${'\n"},
  {"${", "'${' without its '}'; '$${' writes a plain '${'\n"},
  {"${}", "what stands between '${' and '}' is no name of a variable; '$${' "
          "writes a plain '${'\n"},
  {"${1A}", "what stands between '${' and '}' is no name of a variable; "
            "'$${' writes a plain '${'\n"},
  {"${A-B}", "what stands between '${' and '}' is no name of a variable; "
             "'$${' writes a plain '${'\n"},
  {"${ HOST }", "what stands between '${' and '}' is no name of a variable; "
                "'$${' writes a plain '${'\n"},
};

} // namespace

BOOST_DATA_TEST_CASE(replaces_variables, data::make(good), x) {
  auto out = expand(x.text, environment_of(xs));
  BOOST_TEST(out.text == x.expanded);
  BOOST_TEST(out.mistakes.empty());
}

BOOST_DATA_TEST_CASE(says_what_is_wrong_with_a_variable, data::make(bad), x) {
  BOOST_TEST(joined(expand(x.text, environment_of(xs)).mistakes) == x.expanded);
}

BOOST_AUTO_TEST_CASE(looks_into_the_process_environment) {
  // One thread, and a name that is nobody else's.
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  BOOST_REQUIRE_EQUAL(setenv("SIGNALBOX_CONFIG_TEST", "here", 1), 0);
  auto env = process_environment();
  BOOST_TEST(env("SIGNALBOX_CONFIG_TEST").value() == "here");
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  BOOST_REQUIRE_EQUAL(unsetenv("SIGNALBOX_CONFIG_TEST"), 0);
  BOOST_TEST(!env("SIGNALBOX_CONFIG_TEST").has_value());
}
