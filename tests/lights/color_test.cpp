#include "lights/color.hpp"
#include "lights/hue/body.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <ostream>
#include <vector>

using namespace signalbox::lights;

namespace {

namespace data = boost::unit_test::data;

/// Source: "RGB to xy" of the Hue interface's description; red and green also
/// from zigbee-herdsman-converters.
struct vector {
  const char* name;
  rgb mix;
  chromaticity wide;
  chromaticity in_c;
  chromaticity in_b;
};

std::ostream& operator<<(std::ostream& out, const vector& x) {
  return out << x.name;
}

const std::vector<vector> vectors{
  {"red", {255, 0, 0}, {.7006, .2993}, {.6915, .3083}, {.6750, .3220}},
  {"green", {0, 255, 0}, {.1724, .7468}, {.1700, .7000}, {.4090, .5180}},
  {"blue", {0, 0, 255}, {.1355, .0399}, {.1532, .0475}, {.1670, .0400}},
  {"amber", {255, 191, 0}, {.5265, .4468}, {.5195, .4375}, {.5192, .4368}},
  {"white", {255, 255, 255}, {.3227, .3290}, {.3227, .3290}, {.3227, .3290}},
};

/// Four digits are what the vectors have.
bool same(chromaticity a, chromaticity b) {
  constexpr auto half_a_digit = 0.5001e-4;
  return std::abs(a.x - b.x) <= half_a_digit
         && std::abs(a.y - b.y) <= half_a_digit;
}

} // namespace

BOOST_DATA_TEST_CASE(finds_the_place_of_a_color_by_the_wide_matrix,
                     data::make(vectors), x) {
  const auto found = xy_of(x.mix);
  BOOST_TEST(same(found, x.wide), found.x << " " << found.y);
}

BOOST_DATA_TEST_CASE(moves_it_into_what_a_lamp_can_show, data::make(vectors),
                     x) {
  const auto c = clamped(xy_of(x.mix), hue::gamut_c);
  BOOST_TEST(same(c, x.in_c), c.x << " " << c.y);
  const auto b = clamped(xy_of(x.mix), hue::gamut_b);
  BOOST_TEST(same(b, x.in_b), b.x << " " << b.y);
}

BOOST_AUTO_TEST_CASE(black_has_no_place) {
  BOOST_TEST((xy_of({}) == chromaticity{}));
}
