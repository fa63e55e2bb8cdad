// LEDs in a directory that looks like /sys/class/leds.
#include "tests/lights/reports.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <unistd.h>

using namespace signalbox;
using namespace signalbox::lights;
using namespace signalbox::lights::test;

namespace {

namespace fs = std::filesystem;

using attributes = std::map<std::string, std::string>;

/// A tree of LEDs, which ends with the test.
class led_tree {
public:
  led_tree()
    : root_(fs::temp_directory_path()
            / fmt::format("signalbox-leds-{}-{}", ::getpid(),
                          std::random_device{}())) {
    fs::create_directories(root_);
  }

  ~led_tree() {
    fs::remove_all(root_);
  }

  led_tree(const led_tree&) = delete;
  led_tree& operator=(const led_tree&) = delete;

  void add(const std::string& name, const attributes& files) const {
    fs::create_directories(root_ / name);
    for (const auto& [file, text] : files)
      std::ofstream{root_ / name / file} << text << '\n';
  }

  /// A file's content without its line break.
  [[nodiscard]] std::string read(const std::string& file) const {
    std::ifstream in{root_ / file};
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (text.ends_with('\n'))
      text.pop_back();
    return text;
  }

  [[nodiscard]] std::string path(const std::string& name) const {
    return (root_ / name).string();
  }

private:
  fs::path root_;
};

const std::string an_led = "driver = \"led\"\n";

std::string at(const led_tree& tree, const std::string& name,
               const char* key = "path") {
  return fmt::format("{} = \"{}\"\n", key, tree.path(name));
}

attributes single(const char* max) {
  return {{"brightness", "0"},
          {"max_brightness", max},
          {"trigger", "[none] timer heartbeat"}};
}

std::string complaint(const std::string& keys) {
  return configured{"driver = \"led\"\n" + keys}.complaint();
}

} // namespace

BOOST_AUTO_TEST_CASE(a_multicolor_led_mixes_in_its_own_order) {
  led_tree tree;
  tree.add("rgb:status", {{"brightness", "0"},
                          {"max_brightness", "255"},
                          {"multi_index", "green blue red white"},
                          {"multi_intensity", "0 0 0 255"},
                          {"trigger", "[none]"}});
  driven_lamp lamp{an_led + at(tree, "rgb:status")};
  BOOST_TEST(lamp.show(lit("#ff8000")) == "");
  BOOST_TEST(tree.read("rgb:status/multi_intensity") == "128 0 255 0");
  BOOST_TEST(tree.read("rgb:status/brightness") == "255");
  BOOST_TEST(lamp.show(lit("blue", 0.5)) == "");
  BOOST_TEST(tree.read("rgb:status/multi_intensity") == "0 255 0 0");
  BOOST_TEST(tree.read("rgb:status/brightness") == "128");
  BOOST_TEST(lamp.show(dark) == "");
  BOOST_TEST(tree.read("rgb:status/brightness") == "0");
}

BOOST_AUTO_TEST_CASE(a_single_led_shines_whatever_the_colour) {
  led_tree tree;
  tree.add("power", single("15"));
  driven_lamp lamp{an_led + at(tree, "power")};
  BOOST_TEST(lamp.show(lit("red")) == "");
  BOOST_TEST(tree.read("power/brightness") == "15");
  BOOST_TEST(lamp.show(lit("blue", 0.2)) == "");
  BOOST_TEST(tree.read("power/brightness") == "3");
  BOOST_TEST(lamp.show(dark) == "");
  BOOST_TEST(tree.read("power/brightness") == "0");
}

BOOST_AUTO_TEST_CASE(a_lit_lamp_is_never_dark) {
  led_tree tree;
  tree.add("power", single("1"));
  driven_lamp lamp{an_led + at(tree, "power")};
  BOOST_TEST(lamp.show(lit("red", 0.001)) == "");
  BOOST_TEST(tree.read("power/brightness") == "1");
}

BOOST_AUTO_TEST_CASE(three_leds_are_one_lamp) {
  led_tree tree;
  tree.add("board:red", single("255"));
  tree.add("board:green", single("1"));
  tree.add("board:blue", single("100"));
  driven_lamp lamp{an_led + at(tree, "board:red", "red")
                   + at(tree, "board:green", "green")
                   + at(tree, "board:blue", "blue")};
  BOOST_TEST(lamp.show(lit("#804000", 0.5)) == "");
  BOOST_TEST(tree.read("board:red/brightness") == "64");
  BOOST_TEST(tree.read("board:green/brightness") == "1");
  BOOST_TEST(tree.read("board:blue/brightness") == "0");
  BOOST_TEST(lamp.show(dark) == "");
  BOOST_TEST(tree.read("board:red/brightness") == "0");
  BOOST_TEST(tree.read("board:green/brightness") == "0");
}

BOOST_AUTO_TEST_CASE(a_lamp_may_lack_a_colour) {
  led_tree tree;
  tree.add("board:red", single("255"));
  tree.add("board:green", single("255"));
  driven_lamp lamp{an_led + at(tree, "board:red", "red")
                   + at(tree, "board:green", "green")};
  BOOST_TEST(lamp.show(lit("magenta")) == "");
  BOOST_TEST(tree.read("board:red/brightness") == "255");
  BOOST_TEST(tree.read("board:green/brightness") == "0");
}

BOOST_AUTO_TEST_CASE(takes_the_led_from_whatever_controls_it) {
  led_tree tree;
  auto files = single("255");
  files["trigger"] = "none timer [heartbeat]";
  tree.add("power", files);
  driven_lamp lamp{an_led + at(tree, "power")};
  BOOST_TEST(lamp.show(lit("red")) == "");
  BOOST_TEST(tree.read("power/trigger") == "none");
}

BOOST_AUTO_TEST_CASE(leaves_a_trigger_that_is_off_alone) {
  led_tree tree;
  tree.add("power", single("255"));
  driven_lamp lamp{an_led + at(tree, "power")};
  BOOST_TEST(lamp.show(lit("red")) == "");
  // Writing it would make the LED dark for a moment.
  BOOST_TEST(tree.read("power/trigger") == "[none] timer heartbeat");
}

BOOST_AUTO_TEST_CASE(names_the_leds_that_are_there_until_it_comes) {
  led_tree tree;
  tree.add("input0::capslock", single("1"));
  driven_lamp lamp{an_led + at(tree, "power")};
  const auto why = lamp.show(lit("red"));
  BOOST_TEST(contains(why, "no LED at " + tree.path("power")), why);
  BOOST_TEST(contains(why, "input0::capslock"), why);
  tree.add("power", single("255"));
  BOOST_TEST(lamp.show(lit("green")) == "");
  BOOST_TEST(tree.read("power/brightness") == "255");
}

BOOST_AUTO_TEST_CASE(says_how_to_get_permission) {
  led_tree tree;
  tree.add("power", single("255"));
  const auto file = tree.path("power") + "/brightness";
  driven_lamp lamp{an_led + at(tree, "power")};
  fs::permissions(file, fs::perms::owner_read | fs::perms::group_read
                          | fs::perms::others_read);
  // Root may all.
  if (::geteuid() == 0)
    BOOST_TEST_REQUIRE(::seteuid(65534) == 0);
  const auto why = lamp.show(lit("red"));
  BOOST_TEST(::seteuid(::getuid()) == 0);
  BOOST_TEST(contains(why, "permission denied on " + file), why);
  BOOST_TEST(contains(why, "group plugdev"), why);
}

BOOST_AUTO_TEST_CASE(survives_a_kernel_that_talks_nonsense) {
  led_tree tree;
  auto files = single("many");
  tree.add("odd", files);
  BOOST_TEST(contains(driven_lamp{an_led + at(tree, "odd")}.show(lit("red")),
                      "no LED at"));
  files["max_brightness"] = "4294967295";
  files["multi_index"] = std::string(100'000, 'x');
  files["multi_intensity"] = "0";
  tree.add("huge", files);
  BOOST_TEST(driven_lamp{an_led + at(tree, "huge")}.show(lit("red")) == "");
  BOOST_TEST(tree.read("huge/multi_intensity") == "0");
  BOOST_TEST(tree.read("huge/brightness") == "4294967295");
}

BOOST_AUTO_TEST_CASE(the_engine_makes_it_blink) {
  const configured lamp{"driver = \"led\"\npath = \"power\"\n"};
  BOOST_TEST(lamp.complaint().empty());
  BOOST_TEST(!lamp.it->can().blinks);
  BOOST_TEST(!lamp.it->can().pulses);
}

BOOST_AUTO_TEST_CASE(a_bare_name_is_below_sys_class_leds) {
  const auto why =
    driven_lamp{an_led + "path = \"no such LED\"\n"}.show(lit("red"));
  BOOST_TEST(contains(why, "no LED at /sys/class/leds/no such LED"), why);
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_its_configuration) {
  BOOST_TEST(contains(complaint(""), "below /sys/class/leds"));
  BOOST_TEST(contains(complaint("path = \"a\"\nred = \"b\"\n"), "keep either"));
  BOOST_TEST(contains(complaint("path = \"..\"\n"), "name of an LED"));
  BOOST_TEST(contains(complaint("pth = \"a\"\n"), "did you mean"));
}
