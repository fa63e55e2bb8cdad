#include "formats/batch_blob.hpp"
#include "tests/formats/same_event.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

using namespace signalbox;
using test::same_event;

namespace {

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
  x.context = "/app/a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69";
  x.message = "A message";
  x.app_id = "a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69";
  x.app_name = "Sales";
  x.user_agent = "Mozilla/5.0";
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

/// The only event of a blob.
event_batch_builder decode_one(const event& x) {
  const auto batch = decode_blob(blob_of({x}), 1);
  BOOST_REQUIRE(batch.has_value());
  BOOST_REQUIRE((*batch)->events.size() == 1U);
  return *batch;
}

void check_round_trip(const event& x) {
  BOOST_TEST(same_event(decode_one(x)->events.front(), x));
}

} // namespace

BOOST_AUTO_TEST_CASE(brings_every_member_back) {
  check_round_trip(full_event());
}

BOOST_AUTO_TEST_CASE(brings_an_empty_event_back) {
  check_round_trip({});
}
