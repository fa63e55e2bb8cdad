#include "policy/recent_keys.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <map>
#include <random>

using namespace signalbox;
using namespace std::chrono_literals;

namespace {

constexpr mono_time start{1h};

key_hash key_of(std::uint64_t n) {
  // All from one place of the table on, the worst that can be.
  return {n << 32};
}

} // namespace

BOOST_AUTO_TEST_CASE(finds_what_was_put_last) {
  recent_keys keys{1s, 100};
  keys.advance(start);
  BOOST_TEST(!keys.find(key_of(1)).value());
  keys.prefetch(key_of(1));
  keys.put(key_of(1), start);
  keys.put(key_of(2), start + 1s);
  keys.put(key_of(1), start + 2s);
  keys.prefetch(key_of(1));
  BOOST_TEST((keys.find(key_of(1)).value() == start + 2s));
  BOOST_TEST((keys.find(key_of(2)).value() == start + 1s));
  BOOST_TEST(!keys.find(key_of(3)).value());
  BOOST_TEST(keys.size() == 2U);
}

BOOST_AUTO_TEST_CASE(keeps_keys_for_their_time_and_at_most_twice_as_long) {
  for (auto late = 0ms; late < 1s; late += 100ms) {
    recent_keys keys{1s, 100};
    keys.advance(start);
    const auto put = start + late;
    keys.advance(put);
    keys.put(key_of(1), put);
    for (auto now = put; now <= put + 1s; now += 10ms) {
      keys.advance(now);
      BOOST_REQUIRE(keys.find(key_of(1)).value());
    }
    for (auto now = put + 1s; now <= put + 2s; now += 10ms)
      keys.advance(now);
    BOOST_TEST(!keys.find(key_of(1)).value());
    BOOST_TEST(keys.size() == 0U);
  }
}

BOOST_AUTO_TEST_CASE(forgets_everything_after_a_long_silence) {
  recent_keys keys{1s, 1000};
  keys.advance(start);
  for (std::uint64_t n = 0; n < 300; ++n)
    keys.put(key_of(n), start);
  keys.advance(start + 2s);
  BOOST_TEST(keys.size() == 0U);
  BOOST_TEST(!keys.find(key_of(1)).value());
}

BOOST_AUTO_TEST_CASE(keeps_the_last_half_of_too_many_keys) {
  recent_keys keys{1h, 100};
  keys.advance(start);
  for (std::uint64_t n = 0; n < 1000; ++n) {
    keys.put(key_of(n), start);
    BOOST_REQUIRE(keys.size() <= 100U);
    for (auto known = n < 50 ? 0 : n - 49; known <= n; ++known)
      BOOST_REQUIRE(keys.find(key_of(known)).value());
  }
  BOOST_TEST(!keys.find(key_of(1)).value());
}

BOOST_AUTO_TEST_CASE(counts_a_key_of_both_generations_once) {
  recent_keys keys{1s, 100};
  keys.advance(start);
  keys.put(key_of(1), start);
  keys.put(key_of(2), start);
  keys.advance(start + 1s);
  keys.put(key_of(1), start + 1s);
  keys.put(key_of(1), start + 3s);
  BOOST_TEST(keys.size() == 2U);
  BOOST_TEST((keys.find(key_of(1)).value() == start + 3s));
  keys.advance(start + 2s);
  BOOST_TEST(keys.size() == 1U);
}

BOOST_AUTO_TEST_CASE(agrees_with_a_map_of_everything) {
  std::mt19937_64 random{5};
  recent_keys keys{1s, 100'000};
  struct memory {
    mono_time value;
    mono_time put;
  };
  std::map<std::uint64_t, memory> all;
  auto now = start;
  for (int step = 0; step < 50'000; ++step) {
    now += duration{random() % 1'000'000};
    keys.advance(now);
    const auto n = random() % 2000;
    const key_hash key{n * 0x9E3779B97F4A7C15};
    const auto found = keys.find(key).value();
    const auto known = all.find(n);
    if (found)
      BOOST_REQUIRE((known != all.end() && *found == known->second.value));
    else
      BOOST_REQUIRE((known == all.end() || now - known->second.put > 1s));
    if (random() % 3 == 0) {
      keys.put(key, now + 5s);
      all[n] = {.value = now + 5s, .put = now};
    }
  }
  BOOST_TEST(keys.size() <= all.size());
}

BOOST_AUTO_TEST_CASE(finds_each_of_very_many_keys) {
  recent_keys keys{1h, 1'000'000};
  keys.advance(start);
  const auto key = [](std::uint64_t n) {
    return key_hash{n * 0x9E3779B97F4A7C15};
  };
  constexpr std::uint64_t count = 600'000; // Some of them in the old table.
  for (std::uint64_t n = 0; n < count; ++n)
    keys.put(key(n), start + duration{n});
  BOOST_TEST(keys.size() == count);
  std::uint64_t found = 0;
  for (std::uint64_t n = 0; n < count; ++n)
    found += keys.find(key(n)).value() == start + duration{n} ? 1 : 0;
  BOOST_TEST(found == count);
  BOOST_TEST(!keys.find(key(count)).value());
}
