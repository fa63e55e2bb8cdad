#include "config/units.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

using namespace signalbox;
using namespace signalbox::config;
using namespace std::chrono_literals;

namespace data = boost::unit_test::data;

namespace {

template <class T>
struct row {
  std::string text;
  T value;
};

template <class T>
std::ostream& operator<<(std::ostream& out, const row<T>& x) {
  return out << '"' << x.text << '"';
}

struct bad {
  std::string text;
  std::string why;
};

std::ostream& operator<<(std::ostream& out, const bad& x) {
  return out << '"' << x.text << '"';
}

constexpr std::uint64_t kib = 1024;
constexpr auto mib = 1024 * kib;
constexpr auto gib = 1024 * mib;

const std::vector<row<duration>> durations{
  {"0s", 0s},
  {"0ms", 0s},
  {"250ms", 250ms},
  {"10s", 10s},
  {"1.5s", 1500ms},
  {"0.001ms", 1us},
  {".5h", 30min},
  {"1.h", 1h},
  {"5m", 5min},
  {"12h", 12h},
  {"7d", 168h},
  {"0000000000000000000000001s", 1s},
  {"106751d", 106'751 * 24h},
};

const std::vector<bad> bad_durations{
  {"", "it is empty"},
  {"10", "its unit is missing"},
  {"0", "its unit is missing"},
  {"s", "it does not start with a number"},
  {".s", "it does not start with a number"},
  {"1.2.3s", "it does not start with a number"},
  {"+1s", "it does not start with a number"},
  {"0x10s", "its unit is unknown"},
  {"inf", "it does not start with a number"},
  {"nan", "it does not start with a number"},
  {"1e3s", "its unit is unknown"},
  {"-1s", "it is negative"},
  {"-0s", "it is negative"},
  {"10 s", "it has a space in it"},
  {" 10s", "it has a space in it"},
  {"10s ", "it has a space in it"},
  {"10s\n", "it has a space in it"},
  {"10S", "its unit is unknown"},
  {"10sec", "its unit is unknown"},
  {"1h30m", "its unit is unknown"},
  {"3w", "its unit is unknown"},
  {"106752d", "it is too large"},
  {"9223372037s", "it is too large"},
  {std::string(5000, '9') + "s", "it is too large"},
};

const std::vector<row<std::uint64_t>> sizes{
  {"0", 0},
  {"65507", 65'507},
  {"512B", 512},
  {"64KiB", 64 * kib},
  {"8MiB", 8 * mib},
  {"1.5GiB", 3 * gib / 2},
  {"2TiB", 2048 * gib},
  {"9007199254740993", 9'007'199'254'740'993},
  {"9223372036854775806B", 9'223'372'036'854'775'806},
};

const std::vector<bad> bad_sizes{
  {"", "it is empty"},
  {"MiB", "it does not start with a number"},
  {"8MB", "its unit is unknown"},
  {"8mib", "its unit is unknown"},
  {"8M", "its unit is unknown"},
  {"8 MiB", "it has a space in it"},
  {"-8MiB", "it is negative"},
  {"9223372036854775807", "it is too large"},
  {"18446744073709551616", "it is too large"},
  {"8388608TiB", "it is too large"},
};

const std::vector<row<double>> rates{
  {"1/s", 1},    {"20/s", 20},  {"0.5/s", 0.5},      {"60/m", 1},
  {"90/m", 1.5}, {"3600/h", 1}, {"1/h", 1.0 / 3600}, {"1000000/s", 1e6},
};

const std::vector<bad> bad_rates{
  {"", "it is empty"},
  {"1", "its unit is missing"},
  {"/s", "it does not start with a number"},
  {"0/s", "it must be more than 0"},
  {"0.0/h", "it must be more than 0"},
  {"-1/s", "it is negative"},
  {"1 / s", "it has a space in it"},
  {"1/d", "its unit is unknown"},
  {"1/second", "its unit is unknown"},
  {std::string(400, '9') + "/s", "it is too large"},
};

template <class T>
void expect_failure(const result<T>& x, const std::string& noun,
                    const std::string& why, const std::string& text) {
  BOOST_REQUIRE(!x);
  BOOST_TEST(x.error().what.starts_with("is no " + noun + ": " + why + ";"),
             x.error().what);
  BOOST_TEST(
    (text.size() < 4 || x.error().what.find(text) == std::string::npos));
}

} // namespace

BOOST_DATA_TEST_CASE(reads_durations, data::make(durations), x) {
  auto value = parse_duration(x.text);
  BOOST_REQUIRE(value);
  BOOST_TEST(value->count() == x.value.count());
}

BOOST_DATA_TEST_CASE(says_what_is_wrong_with_a_duration,
                     data::make(bad_durations), x) {
  expect_failure(parse_duration(x.text), "duration", x.why, x.text);
}

BOOST_DATA_TEST_CASE(reads_sizes_to_the_byte, data::make(sizes), x) {
  auto value = parse_size(x.text);
  BOOST_REQUIRE(value);
  BOOST_TEST(*value == x.value);
}

BOOST_DATA_TEST_CASE(says_what_is_wrong_with_a_size, data::make(bad_sizes), x) {
  expect_failure(parse_size(x.text), "size", x.why, x.text);
}

BOOST_DATA_TEST_CASE(reads_rates_per_second, data::make(rates), x) {
  auto value = parse_rate(x.text);
  BOOST_REQUIRE(value);
  BOOST_TEST(*value == x.value, boost::test_tools::tolerance(1e-12));
}

BOOST_DATA_TEST_CASE(says_what_is_wrong_with_a_rate, data::make(bad_rates), x) {
  expect_failure(parse_rate(x.text), "rate", x.why, x.text);
}
