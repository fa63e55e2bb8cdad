#include "policy/fold.hpp"

#include <boost/test/unit_test.hpp>
#include <re2/re2.h>

#include <random>
#include <vector>

using namespace signalbox;

namespace {

std::string utf8(unsigned code) {
  if (code < 0x80)
    return {static_cast<char>(code)};
  return {static_cast<char>(0xC0 | code >> 6),
          static_cast<char>(0x80 | (code & 0x3F))};
}

bool full_match(std::string_view text, const std::string& expression) {
  return re2::RE2::FullMatch(text, expression);
}

} // namespace

BOOST_AUTO_TEST_CASE(lowers_the_alphabets_of_names) {
  const std::vector<std::pair<std::string_view, std::string_view>> rows{
    {"", ""},
    {"LAB/Goran", "lab/goran"},
    {"JÜRGEN Øre ŁUKASZ Ÿ", "jürgen øre łukasz ÿ"},
    {"ΆΓΓΕΛΟΣ άγγελος", "άγγελοσ άγγελοσ"},
    {"ЁЛКА Ґ Їжак", "ёлка ґ їжак"},
    {"×÷ß 東京 😀", "×÷ß 東京 😀"},
    {"[`{@", "[`{@"},
  };
  for (const auto& [text, expected] : rows)
    BOOST_TEST(folded(text) == expected);
}

// RE2 has its own tables of the Unicode Character Database.
BOOST_AUTO_TEST_CASE(agrees_with_the_case_folding_of_re2) {
  for (unsigned code = 0; code < 0x4C0; ++code) {
    BOOST_TEST_CONTEXT("U+" << std::hex << code) {
      const auto letter = utf8(code);
      const auto lower = folded(letter);
      BOOST_TEST(folded(lower) == lower);
      const auto quoted = re2::RE2::QuoteMeta(lower);
      BOOST_TEST(full_match(letter, "(?is)" + quoted));
      // U+0130 has no folding to one letter; IPA and the Africanists' letters
      // (Latin Extended-B) and Coptic are left alone on purpose.
      const auto in_alphabet = code != 0x130 && code != 0x3CF
                               && !(code >= 0x180 && code < 0x386)
                               && !(code >= 0x3D0 && code < 0x400);
      if (in_alphabet && full_match(letter, "\\p{Lu}"))
        BOOST_TEST(lower != letter);
    }
  }
}

BOOST_AUTO_TEST_CASE(keeps_the_length_of_any_bytes) {
  std::mt19937 random{7};
  for (int round = 0; round < 5000; ++round) {
    std::string text(random() % 12, ' ');
    for (auto& c : text)
      c = static_cast<char>(random());
    BOOST_REQUIRE(folded(text).size() == text.size());
    BOOST_REQUIRE(folded(folded(text)) == folded(text));
  }
}

BOOST_AUTO_TEST_CASE(appends_without_touching_what_is_there) {
  std::string text = "LAB/";
  append_folded(text, "JOE");
  BOOST_TEST(text == "LAB/joe");
}
