#include "lights/effect.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <vector>

using namespace signalbox::lights;

namespace {

namespace data = boost::unit_test::data;

struct reading {
  const char* text;
  const char* hex;
};

std::ostream& operator<<(std::ostream& out, const reading& x) {
  return out << x.text;
}

const std::vector<reading> colors{
  {"green", "#00ff00"},      {"red", "#ff0000"},     {"off", "#000000"},
  {"warm_white", "#ffa757"}, {"AMBER", "#ffbf00"},   {"#00ff00", "#00ff00"},
  {"#ABCDEF", "#abcdef"},    {"#102030", "#102030"},
};

const std::vector<const char*> nonsense{
  "",
  "grene",
  "#",
  "#fff",
  "#00ff0",
  "#00ff000",
  "#00fg00",
  "#-1ff00",
  "#0x1234",
  "# 1ff00",
  "00ff00",
  "green ",
  "rgb(0,255,0)",
  "grün",
};

} // namespace

BOOST_DATA_TEST_CASE(reads_names_and_hexadecimal_colors, data::make(colors),
                     x) {
  auto color = parse_color(x.text);
  BOOST_REQUIRE(color);
  BOOST_TEST(to_hex(*color) == x.hex);
}

BOOST_DATA_TEST_CASE(refuses_what_is_no_color, data::make(nonsense), text) {
  BOOST_TEST(!parse_color(text));
}

BOOST_AUTO_TEST_CASE(reads_each_name_that_it_offers) {
  BOOST_TEST(color_names().size() > 20U);
  for (auto name : color_names())
    BOOST_TEST(parse_color(name).has_value(), name);
}
