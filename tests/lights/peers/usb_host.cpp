// A USB bus for other programs under umockdev-wrapper: says in its first line
// where they find it ($UMOCKDEV_DIR), obeys lines of its input, and prints what
// lamps are sent.
//
//   plug NUMBER VENDOR PRODUCT [SERIAL]    vendor and product in hexadecimal
//   unplug NUMBER
#include "tests/lights/mock_usb.hpp"

#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

using signalbox::lights::test::mock_bus;

int main() {
  mock_bus bus;
  bus.reports.print(std::cout);
  std::cout << std::getenv("UMOCKDEV_DIR") << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words{line};
    std::string verb;
    unsigned number = 0;
    words >> verb >> number;
    if (verb == "plug") {
      mock_bus::lamp lamp;
      words >> std::hex >> lamp.vendor >> lamp.product >> lamp.serial;
      bus.plug(number, lamp);
    } else {
      bus.unplug(number);
    }
    bus.reports.add("done");
  }
}
