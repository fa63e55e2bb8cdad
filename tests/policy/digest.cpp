#include "policy/digest.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <new>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace signalbox;
using namespace std::chrono_literals;

namespace {

std::atomic<std::size_t> allocations = 0;

event at(duration time, std::string_view id, std::string_view host = "p1") {
  event x;
  x.kind = event_kind::connection_open;
  x.received = wall_time{time};
  x.user_directory = "LAB";
  x.user_id = id;
  x.host = host;
  return x;
}

std::string text_of(const std::vector<name_tally::entry>& list) {
  std::string text;
  for (const auto& x : list)
    text += x.name + "=" + std::to_string(x.events) + " ";
  return text;
}

} // namespace

// Not inlined: GCC 12 would take `free` for a mismatch of `new`.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (auto* memory = std::malloc(size == 0 ? 1 : size))
    return memory;
  throw std::bad_alloc{};
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

BOOST_AUTO_TEST_CASE(is_empty_at_first) {
  const digest sum;
  BOOST_TEST(sum.events() == 0U);
  BOOST_TEST(sum.users().names() == 0U);
  BOOST_TEST(sum.users().top(3).empty());
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
  BOOST_TEST(sum.users().names() == 2U);
}

BOOST_AUTO_TEST_CASE(tells_users_and_hosts_apart) {
  digest sum;
  for (const auto* id : {"joe", "ann", "zoe", "joe"})
    sum.add(at(0s, id));
  sum.add(at(0s, "joe", "p2"));
  BOOST_TEST(text_of(sum.users().top(2)) == "LAB/joe=3 LAB/ann=1 ");
  BOOST_TEST(text_of(sum.hosts().top(2)) == "p1=4 p2=1 ");
}

BOOST_AUTO_TEST_CASE(counts_a_user_once_in_any_case) {
  digest sum;
  sum.add(at(0s, "Zoë"));
  sum.add(at(0s, "ZOË"));
  BOOST_TEST(text_of(sum.users().top(9)) == "LAB/Zoë=2 ");
}

BOOST_AUTO_TEST_CASE(names_apps_by_name_where_it_is_known) {
  digest sum;
  auto x = at(0s, "joe");
  sum.add(x);
  x.app_id = "a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69";
  sum.add(x);
  BOOST_TEST(text_of(sum.apps().top(9))
             == "a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69=1 ");
  digest named;
  x.app_name = "Sales";
  named.add(x);
  x.app_id = "e7af59a0-c243-480d-9571-08727551a66f";
  named.add(x);
  // Two apps of one name are two apps.
  BOOST_TEST(text_of(named.apps().top(9)) == "Sales=1 Sales=1 ");
}

BOOST_AUTO_TEST_CASE(leaves_out_events_without_a_user) {
  digest sum;
  event x;
  sum.add(x);
  x.user_directory = "LAB";
  sum.add(x);
  x.user_directory = "";
  x.user_id = "joe";
  sum.add(x);
  BOOST_TEST(sum.events() == 3U);
  BOOST_TEST(text_of(sum.users().top(9)) == "joe=1 ");
}

BOOST_AUTO_TEST_CASE(takes_blank_names_for_none) {
  digest sum;
  sum.add(at(0s, "joe", " "));
  sum.add(at(0s, "joe", ""));
  BOOST_TEST(sum.hosts().names() == 0U);
}

BOOST_AUTO_TEST_CASE(counts_those_beyond_the_bound_together) {
  digest sum;
  for (std::size_t i = 0; i < 2 * name_tally::max_names; ++i) {
    const auto id = "user" + std::to_string(10'000 + i);
    sum.add(at(0s, id));
  }
  sum.add(at(0s, "user10000"));
  BOOST_TEST(sum.users().names() == name_tally::max_names);
  BOOST_TEST(!sum.users().complete());
  BOOST_TEST(text_of(sum.users().top(1)) == "LAB/user10000=2 ");
  BOOST_TEST(sum.users().events() == sum.events());
}

BOOST_AUTO_TEST_CASE(has_a_user_named_others) {
  digest sum;
  for (const auto* id : {"others", "joe", "others"})
    sum.add(at(0s, id));
  BOOST_TEST(text_of(sum.users().top(9)) == "LAB/others=2 LAB/joe=1 ");
  BOOST_TEST(sum.users().complete());
}

BOOST_AUTO_TEST_CASE(absorbs_another_as_if_it_had_seen_its_events) {
  std::mt19937_64 random{5};
  for (int round = 0; round < 50; ++round) {
    digest one;
    digest other;
    digest both;
    const auto events = random() % 200;
    for (std::uint64_t i = 0; i < events; ++i) {
      const auto id = "user" + std::to_string(random() % 30);
      const auto host = "p" + std::to_string(random() % 3);
      auto x = at(duration{random() % 1'000'000'000}, id, host);
      x.kind = static_cast<event_kind>(random() % 5);
      x.app_name = random() % 2 == 0 ? "Sales" : "HR";
      (random() % 2 == 0 ? one : other).add(x);
      both.add(x);
    }
    one.add(std::move(other));
    BOOST_TEST(one.events() == both.events());
    BOOST_TEST((one.first() == both.first()));
    BOOST_TEST((one.last() == both.last()));
    for (int kind = 0; kind < 5; ++kind)
      BOOST_TEST(one.of_kind(static_cast<event_kind>(kind))
                 == both.of_kind(static_cast<event_kind>(kind)));
    BOOST_TEST(text_of(one.users().top(99)) == text_of(both.users().top(99)));
    BOOST_TEST(text_of(one.apps().top(99)) == text_of(both.apps().top(99)));
    BOOST_TEST(text_of(one.hosts().top(99)) == text_of(both.hosts().top(99)));
  }
}

BOOST_AUTO_TEST_CASE(can_be_used_again_after_it_was_absorbed) {
  digest one;
  digest other;
  other.add(at(5s, "joe"));
  one.add(std::move(other));
  other = {};
  other.add(at(7s, "ann"));
  BOOST_TEST(text_of(other.users().top(9)) == "LAB/ann=1 ");
  BOOST_TEST((other.first() == wall_time{7s}));
}

BOOST_AUTO_TEST_CASE(allocates_nothing_for_names_that_it_knows) {
  digest sum;
  auto x = at(0s, "Firstname.Lastname.that.fits.no.small.string", "sense1.lab");
  x.app_id = "a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69";
  sum.add(x);
  const auto before = allocations.load();
  for (int i = 0; i < 1000; ++i)
    sum.add(x);
  BOOST_TEST(allocations.load() == before);
}

BOOST_AUTO_TEST_CASE(cuts_names_that_are_too_long) {
  digest sum;
  const std::string id(60'000, 'x');
  sum.add(at(0s, id, id));
  BOOST_TEST(sum.users().top(1).at(0).name.size() < 210U);
  BOOST_TEST(sum.hosts().top(1).at(0).name.size() < 210U);
}
