#include "policy/digest.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <ostream>
#include <string>
#include <vector>

using namespace signalbox;
using namespace std::chrono_literals;

namespace {

event at(duration time, std::string_view id, std::string_view host = "p1") {
  event x;
  x.kind = event_kind::connection_open;
  x.received = wall_time{time};
  x.user_directory = "LAB";
  x.user_id = id;
  x.host = host;
  return x;
}

std::string text_of(const std::vector<digest::ranked>& list) {
  std::string text;
  for (const auto& x : list)
    text += x.name + "=" + std::to_string(x.events) + " ";
  return text;
}

} // namespace

BOOST_AUTO_TEST_CASE(is_empty_at_first) {
  const digest sum;
  BOOST_TEST(sum.events() == 0U);
  BOOST_TEST(sum.users() == 0U);
  BOOST_TEST(sum.top_users(3).empty());
}

BOOST_AUTO_TEST_CASE(says_how_many_since_when_and_of_which_kind) {
  digest sum;
  sum.add(at(20s, "joe"));
  sum.add(at(10s, "ann"));
  auto last = at(15s, "joe");
  last.kind = event_kind::session_stop;
  sum.add(last);
  BOOST_TEST(sum.events() == 3U);
  BOOST_TEST((sum.first() == wall_time{10s}));
  BOOST_TEST((sum.last() == wall_time{20s}));
  BOOST_TEST(sum.of_kind(event_kind::connection_open) == 2U);
  BOOST_TEST(sum.of_kind(event_kind::session_stop) == 1U);
  BOOST_TEST(sum.of_kind(event_kind::other) == 0U);
  BOOST_TEST(sum.users() == 2U);
}

BOOST_AUTO_TEST_CASE(ranks_names_by_events_and_then_by_name) {
  digest sum;
  for (const auto* id : {"joe", "ann", "zoe", "joe", "bob", "zoe"})
    sum.add(at(0s, id));
  sum.add(at(0s, "joe", "p2"));
  BOOST_TEST(text_of(sum.top_users(3)) == "LAB/joe=3 LAB/zoe=2 LAB/ann=1 ");
  BOOST_TEST(text_of(sum.top_users(99))
             == "LAB/joe=3 LAB/zoe=2 LAB/ann=1 LAB/bob=1 ");
  BOOST_TEST(sum.top_users(0).empty());
  BOOST_TEST(text_of(sum.top_hosts(2)) == "p1=6 p2=1 ");
}

BOOST_AUTO_TEST_CASE(counts_a_user_once_in_any_case) {
  digest sum;
  sum.add(at(0s, "Zoë"));
  sum.add(at(0s, "ZOË"));
  BOOST_TEST(text_of(sum.top_users(9)) == "LAB/Zoë=2 ");
}

BOOST_AUTO_TEST_CASE(names_apps_by_name_where_it_is_known) {
  digest sum;
  auto x = at(0s, "joe");
  sum.add(x);
  x.app_id = "a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69";
  sum.add(x);
  BOOST_TEST(text_of(sum.top_apps(9))
             == "a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69=1 ");
  digest named;
  x.app_name = "Sales";
  named.add(x);
  x.app_id = "e7af59a0-c243-480d-9571-08727551a66f";
  named.add(x);
  // Two apps of one name are two apps.
  BOOST_TEST(text_of(named.top_apps(9)) == "Sales=1 Sales=1 ");
}

BOOST_AUTO_TEST_CASE(leaves_out_events_without_a_user) {
  digest sum;
  event x;
  sum.add(x);
  x.user_id = "joe";
  sum.add(x);
  BOOST_TEST(sum.events() == 2U);
  BOOST_TEST(text_of(sum.top_users(9)) == "joe=1 ");
}

BOOST_AUTO_TEST_CASE(counts_those_beyond_the_bound_as_others) {
  digest sum;
  for (std::size_t i = 0; i < 2 * digest::max_names; ++i) {
    const auto id = "user" + std::to_string(10'000 + i);
    sum.add(at(0s, id));
  }
  sum.add(at(0s, "user10000"));
  BOOST_TEST(sum.users() == digest::max_names);
  const auto top = sum.top_users(2);
  BOOST_TEST(text_of(top) == "others=1001 LAB/user10000=2 ");
  std::uint64_t total = 0;
  for (const auto& x : sum.top_users(2 * digest::max_names))
    total += x.events;
  BOOST_TEST(total == sum.events());
}

BOOST_AUTO_TEST_CASE(cuts_names_that_are_too_long) {
  digest sum;
  const std::string id(60'000, 'x');
  sum.add(at(0s, id, id));
  BOOST_TEST(sum.top_users(1).at(0).name.size() < 210U);
  BOOST_TEST(sum.top_hosts(1).at(0).name.size() < 210U);
}
