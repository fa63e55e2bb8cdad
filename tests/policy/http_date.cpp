#include "policy/http_date.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <vector>

using namespace signalbox;
using namespace std::chrono;

namespace {

constexpr sys_seconds now = sys_days{2026y / 11 / 22} + 9h;

constexpr sys_seconds example = sys_days{1994y / 11 / 6} + 8h + 49min + 37s;

} // namespace

BOOST_AUTO_TEST_CASE(reads_all_three_forms) {
  // The example of RFC 9110 5.6.7.
  for (const auto* text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994"}) {
    const auto time = parse_http_date(text, now);
    BOOST_TEST_CONTEXT(text)
    BOOST_TEST((time == example));
  }
  BOOST_TEST(
    (parse_http_date("Tue Nov 16 08:49:37 1994", now) == example + days{10}));
}

BOOST_AUTO_TEST_CASE(reads_two_digits_as_the_nearest_century) {
  const std::vector<std::pair<std::string_view, year>> rows{
    {"Sunday, 22-Nov-26 09:00:00 GMT", 2026y},
    {"Sunday, 22-Nov-27 09:00:00 GMT", 2027y},
    {"Sunday, 22-Nov-76 09:00:00 GMT", 2076y},
    {"Sunday, 22-Nov-77 09:00:00 GMT", 1977y},
    {"Sunday, 22-Nov-00 09:00:00 GMT", 2000y},
  };
  for (const auto& [text, expected] : rows) {
    const auto time = parse_http_date(text, now);
    BOOST_TEST_CONTEXT(text)
    BOOST_TEST((time == sys_days{expected / 11 / 22} + 9h));
  }
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_date) {
  for (const auto* text : {"",
                           "Sun",
                           "Sun,",
                           "Sun, 06 Nov 1994 08:49:37",
                           "Sun, 06 Nov 1994 08:49:37 CET",
                           "Sun, 06 Nov 1994 08:49:37 GMT ",
                           "Sun, 6 Nov 1994 08:49:37 GMT",
                           "Sun, 31 Feb 2026 08:49:37 GMT",
                           "Sun, 00 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 24:00:00 GMT",
                           "Sun, 06 Nov 1994 08:60:37 GMT",
                           "Sun, 06 Nov 1994 08:49:61 GMT",
                           "Sun, 06 Nov -994 08:49:37 GMT",
                           "Son, 06 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Okt 1994 08:49:37 GMT",
                           "Sun, 06 nov 1994 08:49:37 GMT",
                           "Sunday, 06-Nov-1994 08:49:37 GMT",
                           "Sun Nov 6 08:49:37 1994",
                           "Sun Nov  6 08:49:37 94",
                           "1994-11-06T08:49:37Z",
                           "tomorrow"})
    BOOST_TEST(!parse_http_date(text, now), text);
}

BOOST_AUTO_TEST_CASE(reads_leap_days_and_leap_seconds) {
  BOOST_TEST((parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT", now)
              == sys_seconds{sys_days{2024y / 2 / 29}}));
  BOOST_TEST((parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT", now)
              == sys_seconds{sys_days{2017y / 1 / 1}}));
  BOOST_TEST(!parse_http_date("Wed, 29 Feb 2023 00:00:00 GMT", now));
}
