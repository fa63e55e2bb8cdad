// The writer of USB lamps above the real hidapi, which sees the devices of
// umockdev. Runs under umockdev-wrapper.
#include "lights/usb/find.hpp"
#include "tests/lights/mock_usb.hpp"
#include "tests/lights/reports.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <unistd.h>

using namespace signalbox;
using namespace signalbox::lights;
using namespace signalbox::lights::test;
using namespace std::chrono_literals;

namespace {

const mock_bus::lamp blink1{0x27B8, 0x01ED, "3a1c0de0"};
const mock_bus::lamp other_blink1{0x27B8, 0x01ED, "3a1c0de1"};
const mock_bus::lamp luxafor{0x04D8, 0xF372, ""};
const mock_bus::lamp busylight{0x27BB, 0x3BCD, ""};
const mock_bus::lamp keyboard{0x046D, 0xC31C, ""};

/// A time in which we may not open a device.
class forbidden {
public:
  forbidden(mock_bus& bus, unsigned number) : bus_(bus), number_(number) {
    bus_.forbid(number_);
    // Root may all.
    if (::geteuid() == 0)
      BOOST_TEST_REQUIRE(::seteuid(65534) == 0);
  }

  ~forbidden() {
    BOOST_TEST(::seteuid(::getuid()) == 0);
    bus_.allow(number_);
  }

  forbidden(const forbidden&) = delete;
  forbidden& operator=(const forbidden&) = delete;

private:
  mock_bus& bus_;
  unsigned number_;
};

} // namespace

BOOST_AUTO_TEST_CASE(a_blink1_gets_feature_reports) {
  mock_bus bus;
  bus.plug(0, blink1);
  driven_lamp lamp{"driver = \"blink1\"\n"};
  BOOST_TEST(lamp.show(lit("green")) == "");
  BOOST_TEST(bus.reports.all()
               == (lines{"feature 01 70 00 00 00 00 00 00 00",
                         "feature 01 6c 00 00 00 00 00 00 00",
                         "feature 01 50 00 00 00 00 01 04 00",
                         "feature 01 44 01 0b b8 01 04 04 00",
                         "feature 01 63 00 ff 00 00 01 00 00"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_luxafor_gets_output_reports) {
  mock_bus bus;
  bus.plug(0, luxafor);
  driven_lamp lamp{"driver = \"luxafor\"\n"};
  BOOST_TEST(lamp.show(lit("red")) == "");
  BOOST_TEST(lamp.show(dark) == "");
  BOOST_TEST(bus.reports.all()
               == (lines{"output 00 01 ff ff 00 00 00 00 00",
                         "output 00 01 ff 00 00 00 00 00 00"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_report_of_64_bytes_travels_in_one_piece) {
  mock_bus bus;
  bus.plug(0, busylight);
  driven_lamp lamp{"driver = \"busylight\"\n"};
  BOOST_TEST(lamp.show(lit("red")) == "");
  const auto all = bus.reports.all();
  BOOST_REQUIRE_EQUAL(all.size(), 1U);
  BOOST_TEST(all[0].size() == std::string_view{"output"}.size() + 65 * 3);
}

BOOST_AUTO_TEST_CASE(a_lamp_is_told_by_its_serial_number) {
  mock_bus bus;
  bus.plug(0, blink1);
  bus.plug(1, other_blink1);
  bus.plug(2, keyboard);
  driven_lamp good{"driver = \"blink1\"\nserial = \"3a1c0de1\"\n"};
  BOOST_TEST(good.show(lit("green")) == "");
  bus.unplug(0);
  BOOST_TEST(good.show(lit("red")) == "");
  driven_lamp gone{"driver = \"blink1\"\nserial = \"3a1c0de0\"\n"};
  BOOST_TEST(gone.show(lit("green"))
             == "no blink(1) with the serial number '3a1c0de0' is plugged in; "
                "there are: 3a1c0de1");
}

BOOST_AUTO_TEST_CASE(a_lamp_that_is_not_there_harms_no_other) {
  mock_bus bus;
  bus.plug(0, keyboard);
  bus.plug(1, luxafor);
  driven_lamp missing{"driver = \"blink1\"\n"};
  driven_lamp present{"driver = \"luxafor\"\n"};
  BOOST_TEST(missing.show(lit("green")) == "no blink(1) is plugged in");
  BOOST_TEST(present.show(lit("green")) == "");
  BOOST_TEST(bus.reports.all() == lines{"output 00 01 ff 00 ff 00 00 00 00"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_lamp_may_be_plugged_in_elsewhere) {
  mock_bus bus;
  bus.plug(0, luxafor);
  driven_lamp lamp{"driver = \"luxafor\"\n"};
  BOOST_TEST(lamp.show(lit("red")) == "");
  bus.unplug(0);
  // One reason, however often it is tried.
  BOOST_TEST(lamp.show(lit("green")) == "no Luxafor is plugged in");
  BOOST_TEST(lamp.show(lit("green")) == "no Luxafor is plugged in");
  bus.plug(5, luxafor);
  bus.reports.clear();
  BOOST_TEST(lamp.show(lit("blue")) == "");
  // Nothing of what it missed.
  BOOST_TEST(bus.reports.all() == lines{"output 00 01 ff 00 00 ff 00 00 00"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_lamp_that_refuses_is_to_be_plugged_in_again) {
  mock_bus bus;
  bus.plug(0, blink1);
  driven_lamp lamp{"driver = \"blink1\"\n"};
  BOOST_TEST(lamp.show(lit("green")) == "");
  bus.jam(0);
  BOOST_TEST(lamp.show(lit("green"))
             == "the blink(1) does not take commands (ioctl (SFEATURE): Broken "
                "pipe): plug it in again");
  bus.unplug(0);
  bus.plug(1, blink1);
  BOOST_TEST(lamp.show(lit("green")) == "");
}

BOOST_AUTO_TEST_CASE(says_how_to_get_permission) {
  mock_bus bus;
  bus.plug(0, luxafor);
  driven_lamp lamp{"driver = \"luxafor\"\n"};
  {
    const forbidden node{bus, 0};
    const auto why = lamp.show(lit("red"));
    BOOST_TEST(contains(why, "permission denied on /dev/hidraw0"), why);
    BOOST_TEST(contains(why, "60-signalbox-lamps.rules"), why);
    BOOST_TEST(contains(why, "group plugdev"), why);
    const auto found = find_usb_lamps();
    BOOST_REQUIRE_EQUAL(found.size(), 1U);
    BOOST_TEST(found[0].trouble == why);
  }
  BOOST_TEST(lamp.show(lit("red")) == "");
}

BOOST_AUTO_TEST_CASE(finds_the_lamps_that_are_plugged_in) {
  mock_bus bus;
  bus.plug(0, blink1);
  bus.plug(1, keyboard);
  bus.plug(2, busylight);
  const auto found = find_usb_lamps();
  BOOST_REQUIRE_EQUAL(found.size(), 2U);
  BOOST_TEST(found[0].driver == "blink1");
  BOOST_TEST(found[0].product == "blink(1)");
  BOOST_TEST(found[0].serial == "3a1c0de0");
  BOOST_TEST(found[0].path == "/dev/hidraw0");
  BOOST_TEST(found[0].trouble == "");
  BOOST_TEST(found[1].driver == "busylight");
  BOOST_TEST(found[1].product == "Busylight Omega");
  BOOST_TEST(bus.reports.all().empty());
}
