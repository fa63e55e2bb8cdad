#include "storage/memory/memory_store.hpp"
#include "tests/support/events.hpp"

#include <boost/test/unit_test.hpp>

using namespace signalbox;
using namespace signalbox::storage;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace {

std::size_t size_of_one() {
  return batch_of(1)->bytes();
}

} // namespace

BOOST_AUTO_TEST_CASE(numbers_events_densely_from_one) {
  memory_store log{{}};
  BOOST_TEST(log.append(batch_of(3), noon).value() == 1);
  BOOST_TEST(log.append(batch_of(2), noon).value() == 4);
  BOOST_TEST(log.holds().next == 6);
  BOOST_TEST(log.holds().oldest == 1);
}

BOOST_AUTO_TEST_CASE(reads_from_the_middle_of_a_batch_on) {
  memory_store log{{}};
  log.append(batch_of(3), noon).value();
  log.append(batch_of(3), noon).value();
  const auto x = log.read(2, 100).value();
  BOOST_TEST(x.from == 2);
  BOOST_REQUIRE(x.batches.size() == 2);
  BOOST_TEST(x.batches[0].first == 1);
  BOOST_TEST(x.batches[1].end() == 7);
  BOOST_TEST(log.read(7, 100).value().batches.empty());
}

BOOST_AUTO_TEST_CASE(reads_at_least_one_batch_and_not_many_more_than_asked) {
  memory_store log{{}};
  for (int i = 0; i < 10; ++i)
    log.append(batch_of(4), noon).value();
  BOOST_TEST(log.read(1, 1).value().batches.size() == 1);
  BOOST_TEST(log.read(1, 9).value().batches.size() == 3);
}

BOOST_AUTO_TEST_CASE(frees_only_what_every_reader_is_done_with) {
  memory_store log{{}};
  BOOST_REQUIRE(log.advance("fast", {1, {}}).has_value());
  BOOST_REQUIRE(log.advance("slow", {1, {}}).has_value());
  log.append(batch_of(2), noon).value();
  log.append(batch_of(2), noon).value();
  BOOST_REQUIRE(log.advance("fast", {5, {}}).has_value());
  BOOST_REQUIRE(log.truncate(noon).has_value());
  BOOST_TEST(log.holds().oldest == 1);
  BOOST_REQUIRE(log.advance("slow", {3, {}}).has_value());
  BOOST_REQUIRE(log.truncate(noon).has_value());
  BOOST_TEST(log.holds().oldest == 3);
  BOOST_REQUIRE(log.forget("slow").has_value());
  BOOST_REQUIRE(log.truncate(noon).has_value());
  BOOST_TEST(log.holds().oldest == 5);
  BOOST_TEST(log.holds().bytes == 0);
}

BOOST_AUTO_TEST_CASE(remembers_where_readers_left_off) {
  memory_store log{{}};
  BOOST_TEST(!log.load("new").value());
  BOOST_REQUIRE(log.advance("known", {7, {{9, 10}}}).has_value());
  BOOST_TEST((log.load("known").value() == cursor{7, {{9, 10}}}));
}

BOOST_AUTO_TEST_CASE(a_full_store_drops_the_oldest_and_readers_see_the_gap) {
  memory_store log{{.max_bytes = 3 * size_of_one()}};
  BOOST_REQUIRE(log.advance("dead", {1, {}}).has_value());
  for (int i = 0; i < 5; ++i)
    BOOST_TEST(log.append(batch_of(1), noon).has_value());
  BOOST_TEST(log.holds().bytes <= 3 * size_of_one());
  const auto x = log.read(1, 100).value();
  BOOST_TEST(x.from == 3);
  BOOST_TEST(x.batches.front().first == 3);
}

BOOST_AUTO_TEST_CASE(a_full_store_refuses_the_newest_when_told_so) {
  memory_store log{
    {.max_bytes = 2 * size_of_one(), .full = when_full::drop_newest}};
  BOOST_REQUIRE(log.advance("dead", {1, {}}).has_value());
  BOOST_TEST(log.append(batch_of(1), noon).has_value());
  BOOST_TEST(log.append(batch_of(1), noon).has_value());
  const auto refused = log.append(batch_of(1), noon);
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().kind == errc::full));
  BOOST_REQUIRE(log.advance("dead", {3, {}}).has_value());
  BOOST_REQUIRE(log.truncate(noon).has_value());
  BOOST_TEST(log.append(batch_of(1), noon).value() == 3);
}

BOOST_AUTO_TEST_CASE(drops_what_is_too_old) {
  memory_store log{{.max_age = 1h}};
  BOOST_REQUIRE(log.advance("dead", {1, {}}).has_value());
  log.append(batch_of(1), noon).value();
  log.append(batch_of(1), noon + 30min).value();
  BOOST_REQUIRE(log.truncate(noon + 61min).has_value());
  BOOST_TEST(log.holds().oldest == 2);
}
