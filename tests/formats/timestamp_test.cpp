#include "formats/event_json.hpp"
#include "formats/timestamp.hpp"

#include <boost/test/unit_test.hpp>

#include <tuple>
#include <vector>

using namespace signalbox;

BOOST_AUTO_TEST_CASE(reads_what_senders_write) {
  using row = std::tuple<const char*, const char*>;
  const std::vector<row> rows{
    {"2026-11-22T09:15:02.123Z", "2026-11-22T09:15:02.123Z"},
    {"2026-11-22t09:15:02z", "2026-11-22T09:15:02.000Z"},
    {"2026-11-22 09:15:02,5+00:00", "2026-11-22T09:15:02.500Z"},
    {"20211109T153726.028+0200", "2021-11-09T13:37:26.028Z"},
    {"20211109T233726.028-0330", "2021-11-10T03:07:26.028Z"},
    {"2026-12-31T23:59:60Z", "2027-01-01T00:00:00.000Z"},
    {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
    {"2026-11-22T09:15:02.1239999999999Z", "2026-11-22T09:15:02.123Z"},
    {"1970-01-01T14:00:00+14:00", "1970-01-01T00:00:00.000Z"},
    {"2261-12-31T09:59:59.999-14:00", "2261-12-31T23:59:59.999Z"},
  };
  for (const auto& [text, expected] : rows) {
    BOOST_TEST_CONTEXT(text) {
      const auto time = parse_timestamp(text);
      BOOST_TEST_REQUIRE(time.has_value());
      BOOST_TEST(to_rfc3339(*time) == expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_moment) {
  for (const auto* text : {"",
                           "now",
                           "2026",
                           "2026-11-22",
                           "2026-11-22T09:15:02",
                           "2026-11-22T09:15:02.Z",
                           "2026-11-22T25:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-11-31T00:00:00Z",
                           "2025-02-29T00:00:00Z",
                           "1969-12-31T23:59:59Z",
                           "1970-01-01T00:00:00+14:00",
                           "2261-12-31T23:59:59-14:00",
                           "2262-01-01T00:00:00Z",
                           "2026-11-22T09:15:61Z",
                           "2026-11-22T09:15:02+24:00",
                           "2026-11-22T09:15:02Z ",
                           "2026-11-22T09:15:02ZZ",
                           "-2026-11-22T09:15:02Z"}) {
    BOOST_TEST_CONTEXT(text)
    BOOST_TEST(!parse_timestamp(text).has_value());
  }
}
