#include "actors/answer_box.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

using namespace signalbox;

namespace {

delivery_answer some_answer() {
  return write_answer{};
}

} // namespace

BOOST_AUTO_TEST_CASE(tells_once_until_its_owner_looks) {
  int told = 0;
  answer_box box{[&] {
    ++told;
  }};
  box.put(1, some_answer());
  box.put(2, some_answer());
  BOOST_TEST(told == 1);
  auto come = box.take();
  BOOST_TEST(come.size() == 2U);
  BOOST_TEST(come.at(0).request == 1U);
  BOOST_TEST(come.at(1).request == 2U);
  // Its owner looks again, so it is told nothing yet.
  box.put(3, some_answer());
  BOOST_TEST(told == 1);
  BOOST_TEST(box.take().size() == 1U);
  BOOST_TEST(box.take().empty());
  box.put(4, some_answer());
  BOOST_TEST(told == 2);
}

BOOST_AUTO_TEST_CASE(tells_nothing_to_an_owner_who_will_look) {
  int told = 0;
  answer_box box{[&] {
    ++told;
  }};
  box.will_look();
  box.put(1, some_answer());
  BOOST_TEST(told == 0);
  BOOST_TEST(box.take().size() == 1U);
  BOOST_TEST(box.take().empty());
  box.put(2, some_answer());
  BOOST_TEST(told == 1);
}

BOOST_AUTO_TEST_CASE(loses_none_between_threads) {
  constexpr std::uint64_t each = 20'000;
  std::atomic<int> told = 0;
  answer_box box{[&] {
    ++told;
    told.notify_one();
  }};
  std::vector<std::thread> senders;
  for (std::uint64_t i = 0; i < 3; ++i)
    senders.emplace_back([&box, i] {
      for (std::uint64_t n = 0; n < each; ++n)
        box.put(i * each + n, some_answer());
    });
  std::vector<int> seen(3 * each);
  for (std::size_t all = 0; all < seen.size();) {
    told.wait(0);
    told = 0;
    for (auto come = box.take(); !come.empty(); come = box.take())
      for (const auto& x : come) {
        ++seen.at(x.request);
        ++all;
      }
  }
  for (auto& x : senders)
    x.join();
  BOOST_TEST(std::ranges::count(seen, 1) == 3 * each);
}
