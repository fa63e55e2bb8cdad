#include "formats/batch_blob.hpp"
#include "tests/formats/same_event.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <tuple>
#include <vector>
#include <xxhash.h>

using namespace signalbox;
using test::same_event;

namespace {

constexpr std::size_t first_at = 12;
constexpr std::size_t header_size = 24;

constexpr std::array texts{
  &event::command,    &event::host,       &event::user_directory,
  &event::user_id,    &event::origin,     &event::context,
  &event::message,    &event::app_id,     &event::app_name,
  &event::user_agent, &event::browser,    &event::browser_major,
  &event::os,         &event::os_version, &event::external_id,
};

const std::array two_attributes{attribute{"site", "north"},
                                attribute{"", "göran"}};

/// An event with a value of its own in every member.
event full_event() {
  event x;
  x.id = {0x0193'0000'1111'7222, 0x8333'4444'5555'6666};
  x.kind = event_kind::connection_open;
  x.ambiguous = true;
  x.replayed = true;
  x.command = "Open connection";
  x.host = "sense1.example.com";
  x.user_directory = "LAB";
  x.user_id = "göran";
  x.origin = "AppAccess";
  x.context = "/app/a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69?reloaduri=hub";
  x.message = "Open connection. UserAgent: 'Mozilla/5.0'";
  x.app_id = x.context.substr(5, 36);
  x.app_name = "Sales";
  x.user_agent = x.message.substr(29, 11);
  x.browser = "Chrome";
  x.browser_major = "119";
  x.os = "Windows";
  x.os_version = "10";
  x.source.address = {0x20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  x.source.port = 0xFEDC;
  x.received = wall_time{std::chrono::nanoseconds{1'795'338'902'123'456'789}};
  x.sent = x.received - std::chrono::milliseconds{3};
  x.row_number = 4711;
  x.external_id = "ext-1";
  x.attributes = two_attributes;
  return x;
}

std::string blob_of(const std::vector<event>& xs, sequence first = 1) {
  blob_writer out{first};
  for (const auto& x : xs)
    out.add(x);
  return out.finish();
}

/// A blob of two, long enough to have everything in it.
std::string sample_blob() {
  return blob_of({full_event(), event{}});
}

std::string little_endian(std::uint64_t x, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i)
    bytes += static_cast<char>(x >> 8 * i);
  return bytes;
}

/// With the checksum that its bytes have now, as from a hostile neighbour.
std::string sealed(std::string blob) {
  const auto body = std::string_view{blob}.substr(first_at);
  return blob.replace(4, 8,
                      little_endian(XXH3_64bits(body.data(), body.size()), 8));
}

/// Says so, and leaves, when there are none.
event_batch_builder decode(std::string blob, sequence first = 1) {
  auto batch = decode_blob(std::move(blob), first);
  if (!batch)
    BOOST_FAIL(batch.error().what);
  return *batch;
}

/// What is said about a blob that must be refused.
std::string refusal(std::string blob, sequence first = 1) {
  const auto batch = decode_blob(std::move(blob), first);
  BOOST_REQUIRE(!batch.has_value());
  BOOST_TEST((batch.error().kind == errc::malformed));
  return batch.error().what;
}

void check_round_trip(const std::vector<event>& xs, sequence first = 1) {
  const auto batch = decode(blob_of(xs, first), first);
  BOOST_REQUIRE(batch->events.size() == xs.size());
  for (std::size_t i = 0; i < xs.size(); ++i)
    BOOST_TEST(same_event(batch->events[i], xs[i]));
}

bool lies_in(std::string_view part, std::string_view whole) {
  return std::less_equal<>{}(whole.data(), part.data())
         && std::less_equal<>{}(part.data() + part.size(),
                                whole.data() + whole.size());
}

} // namespace

BOOST_AUTO_TEST_CASE(brings_every_member_back) {
  check_round_trip({full_event()});
}

BOOST_AUTO_TEST_CASE(brings_an_empty_event_back) {
  check_round_trip({event{}});
}

BOOST_AUTO_TEST_CASE(brings_no_events_back) {
  const auto blob = blob_of({}, 7);
  BOOST_TEST(blob.size() == header_size);
  BOOST_TEST(decode(blob, 7)->events.empty());
}

BOOST_AUTO_TEST_CASE(brings_each_text_of_any_length_back) {
  for (const auto text : texts) {
    for (const std::size_t size :
         {0U, 1U, 127U, 128U, 16'383U, 16'384U, 65'507U, 2'097'152U}) {
      const std::string value(size, 'x');
      auto x = full_event();
      x.*text = value;
      check_round_trip({x, full_event()});
    }
  }
}

BOOST_AUTO_TEST_CASE(brings_extreme_values_back) {
  using change = std::function<void(event&)>;
  const auto last = std::numeric_limits<std::uint64_t>::max();
  const std::vector<change> changes{
    [](event& x) { x.row_number = 0; },
    [](event& x) { x.row_number = 127; },
    [](event& x) { x.row_number = 128; },
    [&](event& x) { x.row_number = last; },
    [&](event& x) { x.row_number = last / 2 + 1; },
    [](event& x) { x.received = wall_time::min(); },
    [](event& x) { x.received = wall_time::max(); },
    [](event& x) { x.received = {}; },
    [](event& x) { x.sent = wall_time::min(); },
    [](event& x) { x.sent = wall_time{}; },
    [](event& x) { x.sent.reset(); },
    [&](event& x) {
      x.id = {last, last};
    },
    [](event& x) { x.source.port = 65'535; },
    [](event& x) { x.ambiguous = false; },
    [](event& x) { x.replayed = false; },
    [](event& x) { x.attributes = {}; },
    // 10.0.0.7, and what only looks like an IPv4 address.
    [](event& x) {
      x.source.address = {0, 0, 0,    0,    0,  0, 0, 0,
                          0, 0, 0xFF, 0xFF, 10, 0, 0, 7};
    },
    [](event& x) {
      x.source.address = {0, 0, 0,    0,    0,  0, 0, 0,
                          1, 0, 0xFF, 0xFF, 10, 0, 0, 7};
    },
  };
  for (const auto& apply : changes) {
    auto x = full_event();
    apply(x);
    check_round_trip({x});
  }
  for (unsigned kind = 0; kind < static_cast<unsigned>(event_kind::count);
       ++kind) {
    auto x = full_event();
    x.kind = static_cast<event_kind>(kind);
    check_round_trip({x});
  }
}

BOOST_AUTO_TEST_CASE(brings_many_attributes_back) {
  std::deque<std::string> names;
  std::vector<attribute> xs;
  for (std::size_t i = 0; i < 1'000; ++i)
    xs.push_back({names.emplace_back(std::to_string(i)), std::string_view{}});
  xs.front().name = {};
  const std::string value(65'507, 'v');
  xs.back().value = value;
  auto x = full_event();
  x.attributes = xs;
  check_round_trip({x, full_event(), event{}, x});
}

BOOST_AUTO_TEST_CASE(says_a_part_once_and_finds_it_again) {
  const auto x = full_event();
  auto apart = x;
  const std::string app_id{x.app_id};
  const std::string user_agent{x.user_agent};
  apart.app_id = app_id;
  apart.user_agent = user_agent;
  BOOST_TEST(blob_of({x}).size() + app_id.size() + user_agent.size() - 2
             == blob_of({apart}).size());
  check_round_trip({x, apart});

  auto edges = x;
  edges.app_id = edges.context;
  edges.user_agent = edges.message.substr(edges.message.size() - 1);
  check_round_trip({edges});

  const auto batch = decode(blob_of({x}));
  BOOST_TEST(blob_of(batch->events) == blob_of({x}));
}

BOOST_AUTO_TEST_CASE(begins_the_next_blob_where_the_last_one_ended) {
  blob_writer out{5};
  out.add(full_event());
  out.add({});
  BOOST_TEST(out.events() == 2U);
  const auto bytes = out.bytes();
  const auto first = out.finish();
  BOOST_TEST(first.size() == bytes);
  BOOST_TEST(out.events() == 0U);
  BOOST_TEST(out.bytes() == header_size);
  out.add(full_event());
  const auto second = out.finish();

  BOOST_TEST(decode(first, 5)->events.size() == 2U);
  const auto batch = decode(second, 7);
  BOOST_REQUIRE(batch->events.size() == 1U);
  BOOST_TEST(same_event(batch->events.front(), full_event()));
  BOOST_TEST(second == blob_of({full_event()}, 7));
}

BOOST_AUTO_TEST_CASE(points_into_the_batch_and_copies_no_text) {
  const auto batch = decode(sample_blob());
  for (const auto& x : batch->events) {
    for (const auto text : texts)
      BOOST_TEST(lies_in(x.*text, batch->blob()));
    for (const auto& a : x.attributes) {
      BOOST_TEST(lies_in(a.name, batch->blob()));
      BOOST_TEST(lies_in(a.value, batch->blob()));
    }
  }
}

// What is on a disk must be read by every later version.
BOOST_AUTO_TEST_CASE(writes_the_bytes_that_its_documentation_promises) {
  const std::array attributes{attribute{"n", "vw"}};
  event x;
  x.id = {0x0102030405060708, 0x1112131415161718};
  x.kind = event_kind::session_stop;
  x.ambiguous = true;
  x.command = "c";
  x.context = "ab";
  x.message = "me";
  x.app_id = x.context.substr(1);
  x.user_agent = "u";
  x.os = "o";
  x.external_id = "i";
  x.source.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 0, 0, 7};
  x.source.port = 0x1234;
  x.received = wall_time{std::chrono::nanoseconds{0x2122232425262728}};
  x.sent = wall_time{std::chrono::nanoseconds{-2}};
  x.row_number = 300;
  x.attributes = attributes;

  const std::string body =
    little_endian(9, 8) + little_endian(1, 4) + little_endian(1, 1) // kind
    + little_endian(1 + 4 + 8 + 16, 1)                              // flags
    + "\x34\x12"                                                    // port
    + "\x08\x07\x06\x05\x04\x03\x02\x01"                            // id, high
    + "\x18\x17\x16\x15\x14\x13\x12\x11"                            // id, low
    + "\x28\x27\x26\x25\x24\x23\x22\x21"                            // received
    + std::string{"\x0A\x00\x00\x07", 4}                            // address
    + "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF"                            // sent
    + "\xAC\x02"                                                    // row
    + std::string{"\1\0\0\0\0\2\2\0\0\0\1\0\1\1\1", 15}             // lengths
    + "c" + "ab" + "me" + "o" + "i"                                 // texts
    + "\x01"                            // where the app id is
    + "u"                               // user agent
    + "\x01" + "\x01\x02" + "n" + "vw"; // attributes
  const auto expected =
    "SBB\x01" + little_endian(XXH3_64bits(body.data(), body.size()), 8) + body;
  BOOST_TEST(blob_of({x}, 9) == expected);
  BOOST_TEST(same_event(decode(expected, 9)->events.front(), x));
}

BOOST_AUTO_TEST_CASE(refuses_each_flipped_bit) {
  const auto blob = sample_blob();
  for (std::size_t i = 0; i < blob.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto flipped = blob;
      flipped[i] = static_cast<char>(flipped[i] ^ (1U << bit));
      BOOST_TEST(!refusal(flipped).empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(refuses_each_truncation_and_what_is_too_long) {
  const auto blob = sample_blob();
  for (std::size_t size = 0; size < blob.size(); ++size) {
    BOOST_TEST(!refusal(blob.substr(0, size)).empty());
    if (size >= header_size)
      BOOST_TEST(!refusal(sealed(blob.substr(0, size))).empty());
  }
  BOOST_TEST(!refusal(blob + '\0').empty());
  BOOST_TEST(refusal(sealed(blob + '\0')).ends_with("more after the last"));
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_the_header) {
  const auto blob = blob_of({full_event()}, 5);
  const auto with = [&](std::size_t at, char byte) {
    auto x = blob;
    x[at] = byte;
    return x;
  };
  using row = std::tuple<std::string, std::string>;
  const std::vector<row> rows{
    {"", "the events are damaged: they are cut short"},
    {with(0, 'X'), "the events are damaged: they do not begin with \"SBB\""},
    {with(3, 2), "the events were written by a newer version (2)"},
    {with(3, '\xFF'), "the events were written by a newer version (255)"},
    {with(3, 0), "the events are damaged: there is no version 0"},
    {with(30, 1), "the events are damaged: their checksum does not match"},
    {with(12, 6), "the events are damaged: their checksum does not match"},
    {sealed(with(12, 6)), "the events begin at number 6, not at 5"},
    {sealed(with(20, 2)), "the events are damaged: event 2 of 2 is broken"},
    {sealed(with(20, 0)),
     "the events are damaged: there is more after the last"},
  };
  for (const auto& [bytes, expected] : rows)
    BOOST_TEST(refusal(bytes, 5) == expected);
  BOOST_TEST(refusal(blob, 4) == "the events begin at number 5, not at 4");
  BOOST_TEST(!decode(blob, 5)->events.empty());
}

BOOST_AUTO_TEST_CASE(makes_no_room_for_events_that_cannot_be_there) {
  auto blob = sample_blob();
  blob.replace(20, 4, "\xFF\xFF\xFF\xFF");
  BOOST_TEST(refusal(sealed(blob))
             == "the events are damaged: there are fewer than they say");
  BOOST_TEST(!refusal(sealed(blob.substr(0, header_size))).empty());
}

BOOST_AUTO_TEST_CASE(refuses_numbers_that_cannot_be) {
  // An empty event: kind, flags, port, id, received, an address of 16 bytes,
  // then row, 15 lengths, and the number of attributes at the end.
  const auto blob = blob_of({event{}});
  const auto row_at = header_size + 28 + 16;
  BOOST_REQUIRE(blob.size() == row_at + 17);
  const std::string long_number(9, '\xFF');
  using row = std::tuple<std::size_t, std::string>;
  std::vector<row> rows{
    {header_size, std::string(1, static_cast<char>(event_kind::count))},
    {header_size + 1, "\x40"}, // No such flag.
    {header_size + 1, "\x80"},
    {row_at, long_number + '\x02'}, // More than 64 bits.
    {row_at, long_number + "\xFF\x01"},
    {blob.size() - 1, "\x01"}, // Attributes that are not there.
    {blob.size() - 1, long_number + '\x01'},
    {blob.size() - 1, std::string{"\x01\x01\x00", 3}},
    {blob.size() - 1, std::string{"\x01\x7F\x7F", 3}},
  };
  for (std::size_t i = 1; i <= 15; ++i) {
    rows.emplace_back(row_at + i, "\x01"); // Shifts what follows.
    rows.emplace_back(row_at + i, "\x7F");
    rows.emplace_back(row_at + i, long_number + '\x01');
  }
  for (const auto& [at, bytes] : rows) {
    auto x = blob;
    BOOST_TEST_CONTEXT("at " << at)
    BOOST_TEST(refusal(sealed(x.replace(at, 1, bytes))).ends_with("is broken"));
  }
}

BOOST_AUTO_TEST_CASE(refuses_a_part_outside_its_whole) {
  event x;
  x.context = "app/1";
  x.app_id = x.context.substr(4);
  const auto blob = blob_of({x});
  // Behind the context come the app id's place and the number of attributes.
  const auto at = blob.size() - 2;
  BOOST_REQUIRE(blob[at] == 4);
  for (const std::string_view bytes :
       {"\x05", "\x06", "\x7F", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"}) {
    auto moved = blob;
    moved.replace(at, 1, bytes);
    BOOST_TEST(refusal(sealed(moved)).ends_with("is broken"));
  }
}

BOOST_AUTO_TEST_CASE(survives_each_flipped_bit_under_a_right_checksum) {
  const auto blob = sample_blob();
  for (std::size_t i = header_size; i < blob.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto flipped = blob;
      flipped[i] = static_cast<char>(flipped[i] ^ (1U << bit));
      const auto batch = decode_blob(sealed(flipped), 1);
      if (!batch)
        BOOST_TEST(batch.error().what.starts_with("the events are damaged"));
      else
        check_round_trip((*batch)->events);
    }
  }
}

BOOST_AUTO_TEST_CASE(brings_random_events_back) {
  std::mt19937_64 random{42};
  for (int round = 0; round < 300; ++round) {
    std::deque<std::string> kept;
    std::deque<std::vector<attribute>> lists;
    const auto text = [&]() -> std::string_view {
      const std::array<std::size_t, 6> bounds{1, 2, 20, 120, 300, 5'000};
      auto& x =
        kept.emplace_back(random() % bounds[random() % bounds.size()], '\0');
      for (auto& c : x)
        c = static_cast<char>('a' + random() % 26);
      return x;
    };
    const auto part_of = [&](std::string_view x) {
      const auto at = random() % (x.size() + 1);
      return x.substr(at, random() % (x.size() - at + 1));
    };
    const auto number = [&] {
      return random() >> random() % 64;
    };
    const auto time = [&] {
      const auto n = static_cast<std::int64_t>(random());
      return wall_time{std::chrono::nanoseconds{n}};
    };
    std::vector<event> xs(random() % 20);
    for (auto& x : xs) {
      x.id = {number(), number()};
      x.kind = static_cast<event_kind>(
        random() % static_cast<unsigned>(event_kind::count));
      x.ambiguous = random() % 2 == 0;
      x.replayed = random() % 2 == 0;
      for (const auto member : texts)
        x.*member = text();
      if (random() % 2 == 0)
        x.app_id = part_of(x.context);
      if (random() % 2 == 0)
        x.user_agent = part_of(x.message);
      for (auto& byte : x.source.address)
        byte = static_cast<std::uint8_t>(random());
      if (random() % 2 == 0) {
        std::fill_n(x.source.address.begin(), 10, std::uint8_t{0});
        std::fill_n(x.source.address.begin() + 10, 2, std::uint8_t{0xFF});
      }
      x.source.port = static_cast<std::uint16_t>(random());
      x.received = time();
      if (random() % 2 == 0)
        x.sent = time();
      x.row_number = number();
      auto& attributes = lists.emplace_back(random() % 5);
      for (auto& a : attributes)
        a = {text(), text()};
      x.attributes = attributes;
    }
    check_round_trip(xs, number());
  }
}
