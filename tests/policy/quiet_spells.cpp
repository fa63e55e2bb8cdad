#include "policy/quiet_spells.hpp"

#include <boost/test/unit_test.hpp>

using namespace signalbox;
using namespace std::chrono_literals;

namespace {

constexpr auto length = quiet_spells::length;
constexpr auto most = quiet_spells::most;

} // namespace

BOOST_AUTO_TEST_CASE(tells_of_quiet_once_and_after_a_whole_spell) {
  const mono_time t0{1h};
  quiet_spells x{t0, 3s};
  BOOST_TEST(!x.began(t0 + length - 1ns, 3s));
  BOOST_TEST(x.began(t0 + length, 3s + most));
  BOOST_TEST(!x.began(t0 + length, 3s + most));
  BOOST_TEST(!x.began(t0 + 2 * length, 3s + 2 * most));
}

BOOST_AUTO_TEST_CASE(tells_again_after_a_busy_spell) {
  const mono_time t0{1h};
  quiet_spells x{t0, 0s};
  BOOST_TEST(x.began(t0 + length, 0s));
  BOOST_TEST(!x.began(t0 + 2 * length, most + 1ns));
  BOOST_TEST(x.began(t0 + 3 * length, most + 1ns));
}
