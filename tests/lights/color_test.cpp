#include "lights/color.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
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
  "1499K",
  "9001K",
  "2700",
  "k",
  "-2700K",
  "2700.5K",
  "70000K",
  "xy()",
  "xy(0.3)",
  "xy(0.3, 0)",
  "xy(0.7, 0.4)",
  "xy(nan, nan)",
  "xy(0.3, 0.3",
  "xy(0.3; 0.3)",
  "grün",
};

} // namespace

BOOST_DATA_TEST_CASE(reads_names_and_hexadecimal_colors, data::make(colors),
                     x) {
  auto color = parse_color(x.text);
  BOOST_REQUIRE(color);
  BOOST_TEST(to_hex(color->mix) == x.hex);
}

BOOST_DATA_TEST_CASE(refuses_what_is_no_color, data::make(nonsense), text) {
  BOOST_TEST(!parse_color(text));
}

BOOST_AUTO_TEST_CASE(reads_each_name_that_it_offers) {
  BOOST_TEST(color_names().size() > 20U);
  for (auto name : color_names())
    BOOST_TEST(parse_color(name).has_value(), name);
}

BOOST_AUTO_TEST_CASE(a_white_keeps_its_temperature) {
  const auto warm = parse_color("2700k");
  BOOST_REQUIRE(warm);
  BOOST_TEST(warm->kelvin == 2700);
  BOOST_TEST(warm->mix.r == 255);
  BOOST_TEST(warm->mix.r > warm->mix.g);
  BOOST_TEST(warm->mix.g > warm->mix.b);
  BOOST_TEST(parse_color("warm_white")->kelvin == 2700);
  BOOST_TEST(parse_color("green")->kelvin == 0);
}

// The white point of sRGB is a daylight of 6,500 K.
BOOST_AUTO_TEST_CASE(a_white_of_6500_kelvin_is_nearly_srgb_white) {
  const auto white = rgb_of_kelvin(6500);
  BOOST_TEST(white.r >= 250);
  BOOST_TEST(white.g >= 245);
  BOOST_TEST(white.b >= 245);
}

BOOST_AUTO_TEST_CASE(whites_grow_bluer_with_their_temperature) {
  for (std::uint16_t kelvin = lowest_kelvin; kelvin < highest_kelvin;
       kelvin = static_cast<std::uint16_t>(kelvin + 100)) {
    const auto warmer = rgb_of_kelvin(kelvin);
    const auto cooler = rgb_of_kelvin(static_cast<std::uint16_t>(kelvin + 100));
    BOOST_TEST_CONTEXT(kelvin << " K") {
      BOOST_TEST(cooler.b >= warmer.b);
      BOOST_TEST(cooler.r <= warmer.r);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_point_keeps_its_place) {
  const auto green = parse_color("xy(0.17, 0.70)");
  BOOST_REQUIRE(green);
  BOOST_REQUIRE(green->point);
  BOOST_TEST(green->point->x == 0.17);
  BOOST_TEST(green->point->y == 0.70);
  // Where sRGB has its own green, red and blue.
  BOOST_TEST(to_hex(parse_color("xy(0.3, 0.6)")->mix) == "#00ff00");
  BOOST_TEST(to_hex(parse_color("xy(0.64,0.33)")->mix) == "#ff0000");
  BOOST_TEST(to_hex(parse_color("XY(0.15, 0.06)")->mix) == "#0000ff");
}

namespace {

struct place {
  const char* name;
  chromaticity raw;
  chromaticity in_c;
  chromaticity in_b;
};

// Computed by zigbee-herdsman-converters, which uses the same wide matrix.
const std::vector<place> places{
  {"red", {.7006, .2993}, {.6915, .3083}, {.6750, .3220}},
  {"green", {.1724, .7468}, {.1700, .7000}, {.4090, .5180}},
  {"blue", {.1355, .0399}, {.1532, .0475}, {.1670, .0400}},
  {"amber", {.5265, .4468}, {.5195, .4375}, {.5192, .4368}},
  {"white", {.3227, .3290}, {.3227, .3290}, {.3227, .3290}},
};

constexpr gamut b{{.675, .322}, {.409, .518}, {.167, .04}};
constexpr gamut c{{.6915, .3083}, {.17, .7}, {.1532, .0475}};

void expect_near(chromaticity found, chromaticity expected) {
  BOOST_TEST(std::abs(found.x - expected.x) < 6e-5);
  BOOST_TEST(std::abs(found.y - expected.y) < 6e-5);
}

} // namespace

BOOST_AUTO_TEST_CASE(colors_have_their_place_in_what_a_lamp_can_show) {
  for (const auto& x : places)
    BOOST_TEST_CONTEXT(x.name) {
      const auto raw = xy_of(parse_color(x.name)->mix);
      expect_near(raw, x.raw);
      expect_near(clamped(raw, c), x.in_c);
      expect_near(clamped(raw, b), x.in_b);
    }
}

BOOST_AUTO_TEST_CASE(hue_saturation_and_value_of_known_colors) {
  const struct {
    rgb color;
    hsv expected;
  } rows[]{
    {{255, 0, 0}, {0, 1, 1}},
    {{0, 255, 0}, {120, 1, 1}},
    {{0, 0, 255}, {240, 1, 1}},
    {{255, 255, 255}, {0, 0, 1}},
    {{0, 0, 0}, {0, 0, 0}},
    {{255, 0, 255}, {300, 1, 1}},
    {{255, 127, 127}, {0, 128 / 255.0, 1}},
    {{0, 128, 64}, {150, 1, 128 / 255.0}},
  };
  for (const auto& x : rows) {
    const auto found = hsv_of(x.color);
    BOOST_TEST(std::abs(found.h - x.expected.h) < 1e-9);
    BOOST_TEST(std::abs(found.s - x.expected.s) < 1e-9);
    BOOST_TEST(std::abs(found.v - x.expected.v) < 1e-9);
  }
}

BOOST_AUTO_TEST_CASE(brightness_scales_each_part) {
  BOOST_TEST((scaled({255, 128, 0}, 0.5) == rgb{128, 64, 0}));
  BOOST_TEST((scaled({255, 255, 255}, 0) == rgb{}));
  BOOST_TEST((scaled({10, 20, 30}, 1) == rgb{10, 20, 30}));
}
