#include "formats/wire_parser.hpp"
#include "tests/formats/batch.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>

using namespace signalbox;

namespace {

constexpr std::string_view clean_line =
  "/qseow-proxy-session/;pro2-win1;Start session;LAB;goran;AppAccess;/app/"
  "a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69;UserAgent: 'x/1'";

bool is_inside(std::string_view part, std::string_view whole) {
  const std::less_equal<> before;
  return before(whole.data(), part.data())
         && before(part.data() + part.size(), whole.data() + whole.size());
}

wire_parser make_parser() {
  return {{}, id_source{"test", test::received_at, 1}};
}

} // namespace

BOOST_AUTO_TEST_CASE(points_into_a_clean_datagram_instead_of_copying_it) {
  const auto wire = test::make_batch({clean_line});
  auto parser = make_parser();
  event_batch out{wire};
  const auto before = out.bytes();
  BOOST_TEST_REQUIRE(!parser.parse(*wire, wire->items[0], out).has_value());
  const auto& x = out.events.at(0);
  for (const auto part :
       {x.command, x.host, x.user_directory, x.user_id, x.origin, x.context,
        x.message, x.app_id, x.user_agent})
    BOOST_TEST(is_inside(part, wire->text_of(wire->items[0])));
  BOOST_TEST(out.bytes() - before == out.events.capacity() * sizeof(event));
}

BOOST_AUTO_TEST_CASE(
  copies_a_datagram_that_needs_cleaning_and_leaves_it_alone) {
  auto text = std::string{clean_line};
  text[30] = '\x01';
  const auto wire = test::make_batch({text});
  auto parser = make_parser();
  event_batch out{wire};
  BOOST_TEST_REQUIRE(!parser.parse(*wire, wire->items[0], out).has_value());
  BOOST_TEST(
    !is_inside(out.events.at(0).user_id, wire->text_of(wire->items[0])));
  BOOST_TEST(wire->text_of(wire->items[0]) == text);
}

BOOST_AUTO_TEST_CASE(
  takes_time_and_source_from_the_datagram_and_gives_new_ids) {
  const auto wire = test::make_batch({clean_line, "nothing", clean_line});
  auto parser = make_parser();
  event_batch out{wire};
  for (const auto& x : wire->items)
    parser.parse(*wire, x, out);
  BOOST_TEST_REQUIRE(out.events.size() == 2U);
  BOOST_TEST((out.events[0].id < out.events[1].id));
  BOOST_TEST((out.events[1].received == test::received_at));
  BOOST_TEST((out.events[1].source == wire->items[2].source));
}

BOOST_AUTO_TEST_CASE(counts_bad_records_beside_good_ones_only) {
  const auto* good = R"({"kind":"session_start","host":"h"})";
  const auto mixed = std::string{good} + "\n{\n{}\n" + good;
  const auto wire = test::make_batch({mixed, "{}\n{}", mixed});
  auto parser = make_parser();
  event_batch out{wire};
  BOOST_TEST(!parser.parse(*wire, wire->items[0], out).has_value());
  BOOST_TEST(parser.bad_records() == 2U);
  BOOST_TEST(parser.parse(*wire, wire->items[1], out).has_value());
  BOOST_TEST(parser.bad_records() == 2U);
  BOOST_TEST(!parser.parse(*wire, wire->items[2], out).has_value());
  BOOST_TEST(parser.bad_records() == 4U);
  BOOST_TEST(out.events.size() == 4U);
}

BOOST_AUTO_TEST_CASE(says_why_in_the_ledgers_words) {
  BOOST_TEST(to_string(reject_reason::malformed) == "malformed");
  BOOST_TEST(to_string(reject_reason::oversized) == "oversized");
  BOOST_TEST(to_string(reject_reason::source) == "source");
  BOOST_TEST(to_string(reject_reason::encoding) == "encoding");
}
