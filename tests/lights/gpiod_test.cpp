// GPIO lines by the real libgpiod, which sees a chip of umockdev. Runs under
// umockdev-wrapper.
#include "lights/gpio/lines.hpp"
#include "tests/lights/mock_node.hpp"

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <vector>

#include <linux/gpio.h>

using namespace signalbox;
using namespace signalbox::lights;
using namespace signalbox::lights::test;

namespace {

constexpr __u32 lines_of_chip = 8;

/// A chip with eight lines: the kernel's character device, version 1 of its
/// interface. One program can have its lines at a time.
class mock_chip {
public:
  mock_chip() {
    add_devices(testbed_, "P: /devices/gpiochip0\nN: gpiochip0=00\n"
                          "E: SUBSYSTEM=gpio\nE: DEVNAME=/dev/gpiochip0\n"
                          "E: MAJOR=254\nE: MINOR=0\nA: dev=254:0\\n\n\n"
                          "P: /devices/gpiolines0\nN: gpiolines0=00\n"
                          "E: SUBSYSTEM=gpiolines\n"
                          "E: DEVNAME=/dev/gpiolines0\n\n");
    attach(testbed_, "/dev/gpiochip0",
           {[this](auto request, auto x) { return chip(request, x); }, {}});
    // The kernel hands out a descriptor for lines; ours is that of a node.
    attach(testbed_, "/dev/gpiolines0",
           {[this](auto request, auto x) { return lines(request, x); }, {}});
    lines_ = ::open("/dev/gpiolines0", O_RDWR);
    BOOST_TEST_REQUIRE(lines_ >= 0);
  }

  ~mock_chip() {
    g_object_unref(testbed_);
  }

  mock_chip(const mock_chip&) = delete;
  mock_chip& operator=(const mock_chip&) = delete;

  gpiohandle_request wanted{};       ///< The last request for lines.
  std::vector<std::vector<int>> set; ///< Each setting of all lines.
  long refusal = 0;                  ///< -errno for requests.

private:
  using argument = std::span<std::uint8_t>;

  template <class T>
  static T take(argument x) {
    T out;
    std::memcpy(&out, x.data(), sizeof out);
    return out;
  }

  template <class T>
  static void give(argument to, const T& x) {
    std::memcpy(to.data(), &x, sizeof x);
  }

  long chip(unsigned long request, argument x) {
    if (request == GPIO_GET_CHIPINFO_IOCTL) {
      give(x, gpiochip_info{"gpiochip0", "mock", lines_of_chip});
      return 0;
    }
    if (request == GPIO_GET_LINEINFO_IOCTL) {
      auto info = take<gpioline_info>(x);
      info.flags = 0;
      give(x, info);
      return 0;
    }
    if (request != GPIO_GET_LINEHANDLE_IOCTL)
      return -ENOTTY;
    wanted = take<gpiohandle_request>(x);
    if (refusal != 0)
      return refusal;
    auto answer = wanted;
    answer.fd = lines_;
    give(x, answer);
    return 0;
  }

  long lines(unsigned long request, argument x) {
    if (request != GPIOHANDLE_SET_LINE_VALUES_IOCTL)
      return -ENOTTY;
    const auto data = take<gpiohandle_data>(x);
    set.emplace_back(data.values, data.values + wanted.lines);
    return 0;
  }

  UMockdevTestbed* testbed_ = umockdev_testbed_new();
  int lines_ = -1; ///< Closed by libgpiod, if it was handed out.
};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace

BOOST_AUTO_TEST_CASE(lines_are_asked_for_as_dark_outputs_and_set_at_once) {
  mock_chip chip;
  auto lines = open_lines({"/dev/gpiochip0", {2, 3}, false});
  BOOST_TEST_REQUIRE(lines.has_value(), (lines ? "" : lines.error().what));
  BOOST_TEST(chip.wanted.lines == 2U);
  BOOST_TEST(chip.wanted.lineoffsets[0] == 2U);
  BOOST_TEST(chip.wanted.lineoffsets[1] == 3U);
  BOOST_TEST(chip.wanted.flags == GPIOHANDLE_REQUEST_OUTPUT);
  BOOST_TEST(chip.wanted.default_values[0] == 0);
  BOOST_TEST(std::string{chip.wanted.consumer_label} == "signalbox");
  BOOST_TEST((*lines)->set({1, 0}).has_value());
  BOOST_TEST((*lines)->set({0, 1}).has_value());
  BOOST_TEST((chip.set == std::vector<std::vector<int>>{{1, 0}, {0, 1}}));
}

BOOST_AUTO_TEST_CASE(the_kernel_turns_lines_that_are_active_low) {
  mock_chip chip;
  const auto lines = open_lines({"gpiochip0", {7}, true});
  BOOST_TEST_REQUIRE(lines.has_value(), (lines ? "" : lines.error().what));
  BOOST_TEST(chip.wanted.flags
             == (GPIOHANDLE_REQUEST_OUTPUT | GPIOHANDLE_REQUEST_ACTIVE_LOW));
}

BOOST_AUTO_TEST_CASE(a_line_that_another_program_has_is_named) {
  mock_chip chip;
  chip.refusal = -EBUSY;
  const auto lines = open_lines({"/dev/gpiochip0", {2}, false});
  BOOST_TEST_REQUIRE(!lines.has_value());
  BOOST_TEST(contains(lines.error().what,
                      "another program has one of the lines 2 of "
                      "/dev/gpiochip0"),
             lines.error().what);
}

BOOST_AUTO_TEST_CASE(a_line_that_the_chip_lacks_is_named) {
  mock_chip chip;
  const auto lines = open_lines({"/dev/gpiochip0", {8}, false});
  BOOST_TEST_REQUIRE(!lines.has_value());
  BOOST_TEST(contains(lines.error().what, "does not have all of the lines 8"),
             lines.error().what);
}
