#include "policy/sequence_set.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <random>
#include <set>
#include <vector>

using signalbox::sequence;
using signalbox::sequence_range;
using signalbox::sequence_set;

namespace {

std::vector<sequence_range> with(std::vector<sequence_range> ranges,
                                 sequence_range more) {
  sequence_set x{ranges};
  x.add(more);
  return x.ranges();
}

using ranges = std::vector<sequence_range>;

} // namespace

BOOST_AUTO_TEST_CASE(ranges_that_touch_become_one) {
  BOOST_TEST((with({{1, 3}}, {3, 5}) == ranges{{1, 5}}));
  BOOST_TEST((with({{3, 5}}, {1, 3}) == ranges{{1, 5}}));
  BOOST_TEST((with({{1, 2}, {4, 5}}, {2, 4}) == ranges{{1, 5}}));
  BOOST_TEST(
    (with({{1, 2}, {8, 9}}, {4, 5}) == ranges{{1, 2}, {4, 5}, {8, 9}}));
  BOOST_TEST((with({{1, 9}}, {2, 3}) == ranges{{1, 9}}));
  BOOST_TEST((with({{1, 2}}, {5, 5}) == ranges{{1, 2}}));
}

BOOST_AUTO_TEST_CASE(agrees_with_a_plain_set_whatever_is_done) {
  std::mt19937_64 random{7};
  sequence_set x;
  std::set<sequence> oracle;
  for (int step = 0; step < 20'000; ++step) {
    const sequence first = random() % 300;
    const sequence end = first + random() % 8;
    switch (random() % 5) {
    case 0:
      x.remove({first, end});
      for (auto i = first; i < end; ++i)
        oracle.erase(i);
      break;
    case 1:
      if (random() % 50 == 0) {
        x.remove_below(first);
        oracle.erase(oracle.begin(), oracle.lower_bound(first));
      }
      break;
    default:
      x.add({first, end});
      for (auto i = first; i < end; ++i)
        oracle.insert(i);
    }
    BOOST_REQUIRE_EQUAL(x.contains(first), oracle.contains(first));
    const auto count =
      std::distance(oracle.lower_bound(first), oracle.lower_bound(first + 40));
    BOOST_REQUIRE_EQUAL(x.count_in({first, first + 40}),
                        static_cast<std::uint64_t>(count));
    for (std::size_t i = 1; i < x.ranges().size(); ++i)
      BOOST_REQUIRE_LT(x.ranges()[i - 1].end, x.ranges()[i].first);
  }
}
