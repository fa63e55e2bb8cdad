// GPIO lamps above lines that only remember.
#include "lights/gpio/line_writer.hpp"
#include "tests/lights/reports.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <string>
#include <string_view>

using namespace signalbox;
using namespace signalbox::lights;
using namespace signalbox::lights::test;

namespace {

/// What lines were asked for and set to.
struct chip {
  std::vector<line_request> requests;
  std::vector<std::vector<int>> values;
  std::string busy;   ///< Why lines cannot be had; or empty.
  std::string broken; ///< Why they cannot be set; or empty.
  int held = 0;       ///< How many requests are held.
};

class fake_lines final : public output_lines {
public:
  explicit fake_lines(chip& on) : chip_(on) {
    ++chip_.held;
  }

  fake_lines(const fake_lines&) = delete;
  fake_lines& operator=(const fake_lines&) = delete;

  ~fake_lines() override {
    --chip_.held;
  }

  result<void> set(const std::vector<int>& values) override {
    if (!chip_.broken.empty())
      return fail(errc::file, chip_.broken);
    chip_.values.push_back(values);
    return {};
  }

private:
  chip& chip_;
};

line_source source_of(chip& x) {
  return [&x](const line_request& request) -> result<output_lines_ptr> {
    x.requests.push_back(request);
    if (!x.busy.empty())
      return fail(errc::file, x.busy);
    return std::make_unique<fake_lines>(x);
  };
}

std::string values(const std::string& keys, const command& what) {
  const configured lamp{"driver = \"gpio\"\n" + keys};
  BOOST_TEST_REQUIRE(lamp.complaint().empty(), lamp.complaint());
  return std::get<write_request>(lamp.it->shape(what, nullptr).at(0)).bytes;
}

std::string complaint(const std::string& keys) {
  return configured{"driver = \"gpio\"\n" + keys}.complaint();
}

constexpr auto* rgb_lines = "red = 17\ngreen = 27\nblue = 22\n";

} // namespace

BOOST_AUTO_TEST_CASE(a_line_is_on_for_half_of_its_colour) {
  BOOST_TEST(values(rgb_lines, lit("red")) == "100");
  BOOST_TEST(values(rgb_lines, lit("white")) == "111");
  BOOST_TEST(values(rgb_lines, lit("#ff8000")) == "110");
  BOOST_TEST(values(rgb_lines, lit("#ff7f00")) == "100");
  BOOST_TEST(values(rgb_lines, dark) == "000");
}

BOOST_AUTO_TEST_CASE(dark_colours_and_dim_lamps_are_lit_all_the_same) {
  BOOST_TEST(values(rgb_lines, lit("#200000")) == "100");
  BOOST_TEST(values(rgb_lines, lit("blue", 0.01)) == "001");
}

BOOST_AUTO_TEST_CASE(a_lamp_may_lack_a_colour) {
  BOOST_TEST(values("red = 5\n", lit("red")) == "1");
  BOOST_TEST(values("red = 5\n", lit("green")) == "0");
  BOOST_TEST(values("green = 3\nred = 5\n", lit("green")) == "01");
}

BOOST_AUTO_TEST_CASE(the_engine_makes_it_blink) {
  const configured lamp{"driver = \"gpio\"\nred = 1\n"};
  BOOST_TEST(!lamp.it->can().blinks);
  BOOST_TEST(!lamp.it->can().pulses);
}

BOOST_AUTO_TEST_CASE(asks_once_and_holds_its_lines) {
  chip x;
  {
    line_writer writer{{"gpiochip0", {17, 27}, true}, source_of(x)};
    BOOST_TEST(x.requests.empty());
    BOOST_TEST(writer.write({"10"}).error == "");
    BOOST_TEST(writer.write({"01"}).error == "");
    BOOST_TEST(x.held == 1);
  }
  BOOST_TEST(x.held == 0);
  BOOST_REQUIRE_EQUAL(x.requests.size(), 1U);
  BOOST_TEST(x.requests[0].chip == "gpiochip0");
  BOOST_TEST((x.requests[0].offsets == std::vector<unsigned>{17, 27}));
  BOOST_TEST(x.requests[0].active_low);
  BOOST_TEST((x.values == std::vector<std::vector<int>>{{1, 0}, {0, 1}}));
}

BOOST_AUTO_TEST_CASE(asks_again_after_a_failure) {
  chip x;
  line_writer writer{{"gpiochip0", {17}, false}, source_of(x)};
  x.busy = "another program has it";
  BOOST_TEST(writer.write({"1"}).error == "another program has it");
  x.busy.clear();
  x.broken = "the chip is gone";
  BOOST_TEST(writer.write({"1"}).error == "the chip is gone");
  BOOST_TEST(x.held == 0);
  x.broken.clear();
  BOOST_TEST(writer.write({"1"}).error == "");
  BOOST_TEST(x.requests.size() == 3U);
  BOOST_TEST((x.values == std::vector<std::vector<int>>{{1}}));
}

BOOST_AUTO_TEST_CASE(a_chip_that_is_not_there_is_named) {
  const configured lamp{
    "driver = \"gpio\"\nchip = \"/dev/no such chip\"\nred = 1\n"};
  auto writer =
    std::get<std::unique_ptr<byte_writer>>(lamp.it->open_transport());
  const auto why = writer->write({"1"}).error;
  BOOST_TEST(contains(why, "there is no GPIO chip /dev/no such chip"), why);
  BOOST_TEST(contains(why, "gpiodetect"), why);
}

BOOST_AUTO_TEST_CASE(what_is_no_chip_is_refused) {
  const configured lamp{"driver = \"gpio\"\nchip = \"/dev/null\"\nred = 1\n"};
  auto writer =
    std::get<std::unique_ptr<byte_writer>>(lamp.it->open_transport());
  const auto why = writer->write({"1"}).error;
  BOOST_TEST(contains(why, "there is no GPIO chip /dev/null"), why);
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_its_configuration) {
  BOOST_TEST(contains(complaint(""), "at least one line"));
  BOOST_TEST(contains(complaint("red = 1\nblue = 1\n"), "another colour"));
  BOOST_TEST(contains(complaint("red = -1\n"), "red"));
  BOOST_TEST(
    contains(complaint("red = 1\nactive_low = \"yes\"\n"), "active_low"));
}
