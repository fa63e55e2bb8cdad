#include "policy/plain_text.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <vector>

using namespace signalbox;
using namespace std::string_literals;

namespace {

/// Code points of valid UTF-8.
std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (const auto c : text)
    count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

} // namespace

BOOST_AUTO_TEST_CASE(makes_one_line_of_anything) {
  const std::vector<std::pair<std::string, std::string>> rows{
    {"", ""},
    {"ok", "ok"},
    {"  two\r\n\tlines  \n", "two lines"},
    {"a\u2028b\u2029c\u0085d", "a b c d"},
    {"\x1b[31mred\x7f", "\uFFFD[31mred\uFFFD"},
    {"nul\0in it"s, "nul\uFFFDin it"},
    {"\u0080C1\u009F", "\uFFFDC1\uFFFD"},
    // NOLINTNEXTLINE(misc-misleading-bidirectional): what is tested.
    {"user\u202Eexe.txt\u2066", "user\uFFFDexe.txt\uFFFD"},
    {"é東😀", "é東😀"},
    {"\uFFFD", "\uFFFD"},
    {" \n ", ""},
  };
  for (const auto& [text, expected] : rows)
    BOOST_TEST(one_line(text, 100) == expected);
}

BOOST_AUTO_TEST_CASE(replaces_invalid_bytes) {
  // By table 3-8 of the Unicode Standard: one replacement for each maximal
  // part of what could have become a character.
  const std::vector<std::pair<std::string, std::string>> rows{
    {"a\xFF"s + "b", "a\uFFFDb"},
    {"\xC0\xAF"s, "\uFFFD\uFFFD"},
    {"\xE2\x80"s, "\uFFFD"},
    {"\xE2\x80"s + "a", "\uFFFDa"},
    {"\xED\xA0\x80"s, "\uFFFD\uFFFD\uFFFD"},
    {"\xF0\x80\x80\xAF"s, "\uFFFD\uFFFD\uFFFD\uFFFD"},
    {"\xF4\x90\x80\x80"s, "\uFFFD\uFFFD\uFFFD\uFFFD"},
    {"\xF1\x80\x80\xE1\x80\xC2"s + "b", "\uFFFD\uFFFD\uFFFDb"},
    {"\x80"s, "\uFFFD"},
  };
  for (const auto& [text, expected] : rows)
    BOOST_TEST(one_line(text, 100) == expected);
}

BOOST_AUTO_TEST_CASE(cuts_between_characters) {
  struct row {
    std::string text;
    std::size_t most;
    std::string expected;
  };
  const std::vector<row> rows{
    {"abc", 3, "abc"},
    {"abcd", 3, "ab…"},
    {"東京都庁", 3, "東京…"},
    {"😀😀", 2, "😀😀"},
    {"😀😀😀", 2, "😀…"},
    {"ab cd", 4, "ab …"},
    {"ab cd", 3, "ab…"},
    {"abc  \n ", 3, "abc"},
    {"abc", 1, "…"},
    {"abc", 0, ""},
    {"", 0, ""},
  };
  for (const auto& [text, most, expected] : rows)
    BOOST_TEST(one_line(text, most) == expected, text << " to " << most);
}

BOOST_AUTO_TEST_CASE(keeps_its_promises_for_any_bytes) {
  std::mt19937 random{3};
  // Bytes that make and break UTF-8, controls and spaces.
  constexpr std::string_view alphabet = "ab \n\r\t\x1b\x7f\x80\x85\xa8\xa9\xaa"
                                        "\xae\xbf\xc2\xe2\xed\xf0\xf4\xff";
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 30, ' ');
    for (auto& c : text)
      c = alphabet[random() % alphabet.size()];
    const auto most = random() % 20;
    const auto line = one_line(text, most);
    BOOST_REQUIRE(characters(line) <= most);
    BOOST_REQUIRE(line.find_first_of("\n\r\t\x1b\x7f") == std::string::npos);
    // What is clean stays as it is.
    BOOST_REQUIRE(line.ends_with(' ') || one_line(line, 100) == line);
  }
}
