#include "policy/name_tally.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace signalbox;

namespace {

void add(name_tally& names, const std::string& name, std::uint64_t times = 1) {
  for (std::uint64_t i = 0; i < times; ++i)
    if (!names.count(name))
      names.learn(name, name);
}

/// As many names as there is place for: "0000", "0001", …
name_tally full(std::uint64_t times = 1) {
  name_tally names;
  for (std::size_t i = 0; i < name_tally::max_names; ++i)
    add(names, std::to_string(1000 + i), times);
  return names;
}

std::string text_of(const std::vector<name_tally::entry>& list) {
  std::string text;
  for (const auto& x : list)
    text += x.name + "=" + std::to_string(x.events) + " ";
  return text;
}

std::uint64_t sum_of(const name_tally& names) {
  std::uint64_t sum = 0;
  for (const auto& x : names.top(names.names()))
    sum += x.events;
  return sum;
}

} // namespace

BOOST_AUTO_TEST_CASE(ranks_names_by_events_and_then_by_name) {
  name_tally names;
  BOOST_TEST(names.top(3).empty());
  for (const auto* x : {"joe", "ann", "zoe", "joe", "bob", "zoe"})
    add(names, x);
  BOOST_TEST(text_of(names.top(3)) == "joe=2 zoe=2 ann=1 ");
  BOOST_TEST(text_of(names.top(99)) == "joe=2 zoe=2 ann=1 bob=1 ");
  BOOST_TEST(names.top(0).empty());
  BOOST_TEST(names.names() == 4U);
  BOOST_TEST(names.events() == 6U);
}

BOOST_AUTO_TEST_CASE(shows_the_name_that_it_learned_first) {
  name_tally names;
  BOOST_TEST(!names.count("key"));
  names.learn("key", "Name");
  BOOST_TEST(names.count("key"));
  BOOST_TEST(text_of(names.top(1)) == "Name=2 ");
}

BOOST_AUTO_TEST_CASE(counts_those_beyond_the_bound_together) {
  auto names = full();
  BOOST_TEST(names.complete());
  add(names, "one more", 3);
  add(names, "another", 4);
  add(names, "1000");
  BOOST_TEST(!names.complete());
  BOOST_TEST(names.names() == name_tally::max_names);
  BOOST_TEST(names.events() == name_tally::max_names + 8);
  BOOST_TEST(sum_of(names) == name_tally::max_names + 1);
  BOOST_TEST(text_of(names.top(2)) == "1000=2 1001=1 ");
}

BOOST_AUTO_TEST_CASE(takes_over_what_another_counted) {
  name_tally one;
  add(one, "joe", 2);
  add(one, "ann", 1);
  name_tally other;
  add(other, "joe", 3);
  add(other, "zoe", 4);
  one.add(std::move(other));
  BOOST_TEST(text_of(one.top(9)) == "joe=5 zoe=4 ann=1 ");
  BOOST_TEST(one.events() == 10U);
  BOOST_TEST(one.complete());
  one.add(name_tally{});
  BOOST_TEST(one.events() == 10U);
}

BOOST_AUTO_TEST_CASE(gives_the_last_places_to_those_with_most_events) {
  name_tally one;
  for (std::size_t i = 0; i + 2 < name_tally::max_names; ++i)
    add(one, std::to_string(1000 + i));
  name_tally other;
  add(other, "a", 1);
  add(other, "b", 3);
  add(other, "c", 2);
  add(other, "d", 4);
  add(other, "1000", 5);
  one.add(std::move(other));
  BOOST_TEST(one.names() == name_tally::max_names);
  BOOST_TEST(text_of(one.top(4)) == "1000=6 d=4 b=3 1001=1 ");
  BOOST_TEST(!one.complete());
  BOOST_TEST(one.events() == name_tally::max_names - 2 + 15);
}

BOOST_AUTO_TEST_CASE(stays_bounded_and_exact_when_full_ones_are_merged) {
  std::mt19937_64 random{3};
  name_tally all;
  std::uint64_t events = 0;
  for (int i = 0; i < 20; ++i) {
    auto more = full(2);
    for (int j = 0; j < 500; ++j)
      add(more, "x" + std::to_string(random() % 3000));
    events += more.events();
    all.add(std::move(more));
  }
  BOOST_TEST(all.names() == name_tally::max_names);
  BOOST_TEST(all.events() == events);
  BOOST_TEST(sum_of(all) == 20 * 2 * name_tally::max_names);
  BOOST_TEST(text_of(all.top(1)) == "1000=40 ");
}
