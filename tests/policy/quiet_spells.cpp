#include "policy/quiet_spells.hpp"

#include <boost/test/unit_test.hpp>

using namespace signalbox;
using namespace std::chrono_literals;

namespace {

constexpr auto length = quiet_spells::length;
constexpr auto most = quiet_spells::most;

} // namespace

BOOST_AUTO_TEST_CASE(tells_of_a_quiet_spell_once_and_at_its_end) {
  const mono_time t0{1h};
  quiet_spells x{t0, 3s};
  BOOST_TEST(!x.ended(t0 + length - 1ns, 3s));
  BOOST_TEST(x.ended(t0 + length, 3s + most));
  BOOST_TEST(!x.ended(t0 + length, 3s + most));
  BOOST_TEST(x.ended(t0 + 2 * length, 3s + 2 * most));
}

BOOST_AUTO_TEST_CASE(a_busy_spell_says_nothing_of_the_next_one) {
  const mono_time t0{1h};
  quiet_spells x{t0, 0s};
  BOOST_TEST(!x.ended(t0 + length, most + 1ns));
  BOOST_TEST(x.ended(t0 + 2 * length, most + 1ns));
}
