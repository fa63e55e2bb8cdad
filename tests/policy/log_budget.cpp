#include "policy/log_budget.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>

using namespace signalbox;
using namespace std::chrono_literals;

namespace {

constexpr mono_time start{1h};

int lines(log_budget& x, mono_time now, int wanted) {
  int written = 0;
  for (int i = 0; i < wanted; ++i)
    written += x.allows(now) ? 1 : 0;
  return written;
}

} // namespace

BOOST_AUTO_TEST_CASE(writes_a_few_at_once_then_one_now_and_then) {
  log_budget x;
  BOOST_TEST(lines(x, start, 100) == 3);
  BOOST_TEST(lines(x, start + 9s, 100) == 0);
  BOOST_TEST(lines(x, start + 11s, 100) == 1);
  BOOST_TEST(lines(x, start + 24h, 100) == 3);
}

BOOST_AUTO_TEST_CASE(counts_what_it_leaves_out) {
  log_budget x;
  lines(x, start, 3);
  BOOST_TEST(x.left_out() == 0);
  lines(x, start, 7);
  BOOST_TEST(!x.allows(start, 100));
  BOOST_TEST(x.left_out() == 107);
  BOOST_TEST(x.left_out() == 0);
}
