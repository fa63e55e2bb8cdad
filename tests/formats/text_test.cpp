#include "formats/text.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <tuple>
#include <vector>

using namespace signalbox;

namespace {

std::string clean(std::string_view x) {
  std::string out;
  append_clean(out, x);
  return out;
}

std::string clean_1252(std::string_view x) {
  std::string out;
  append_clean_windows_1252(out, x);
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(finds_where_text_stops_being_clean) {
  using row = std::tuple<std::string, std::size_t>;
  const std::vector<row> rows{
    {"", 0},
    {"plain", 5},
    {std::string(100, 'a'), 100},
    {std::string(31, 'a') + '\n', 31},
    {std::string(32, 'a') + '\n', 32},
    {std::string(33, 'a') + '\x7F' + std::string(40, 'a'), 33},
    {"g\xC3\xB6ran", 6},
    {"g\xC3", 1},
    {"\xE2\x80\xA8", 0},
    {std::string{"a\xE2\x80"} + '\xAE', 1},
    {"a\xC2\x9F", 1},
    {"a\xC2\xA0", 3},
    {"\xF4\x8F\xBF\xBF", 4},
    {"\xF4\x90\x80\x80", 0},
    {"\xED\xA0\x80", 0},
  };
  for (const auto& [text, expected] : rows)
    BOOST_TEST(clean_prefix(text) == expected);
}

BOOST_AUTO_TEST_CASE(replaces_a_maximal_broken_part_once) {
  BOOST_TEST(clean("a\xF0\x9F\x98z") == "a\xEF\xBF\xBDz");
  BOOST_TEST(clean("\xE0\x80\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

BOOST_AUTO_TEST_CASE(makes_any_noise_clean_and_leaves_clean_text_alone) {
  std::mt19937 random{42};
  for (int round = 0; round < 2000; ++round) {
    std::string noise(random() % 80, '\0');
    for (auto& c : noise)
      c = static_cast<char>(random() % 256);
    for (const auto& text : {clean(noise), clean_1252(noise)}) {
      BOOST_TEST(is_utf8(text));
      BOOST_TEST(clean_prefix(text) == text.size());
      BOOST_TEST(clean(text) == text);
      BOOST_TEST(text.size() <= 3 * noise.size());
    }
  }
}

BOOST_AUTO_TEST_CASE(reads_code_page_1252) {
  BOOST_TEST(clean_1252("\x80 \x93q\x94 \xE5\xFF") == "€ “q” åÿ");
  BOOST_TEST(clean_1252("\x81\x8D\x8F\x90\x9D")
             == "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD");
}

BOOST_AUTO_TEST_CASE(knows_utf8) {
  BOOST_TEST(is_utf8("a\u00E5\u6771\U0001F600\n"));
  BOOST_TEST(!is_utf8("\xC0\xAF"));
  BOOST_TEST(!is_utf8("\xE6\x9D"));
}
