#include "policy/glob.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <random>
#include <string>
#include <vector>

using namespace signalbox;

namespace {

/// What a glob means, written down as plainly as possible.
bool naive(std::u32string_view pattern, std::u32string_view text) {
  if (pattern.empty())
    return text.empty();
  if (pattern[0] == U'*')
    return naive(pattern.substr(1), text)
           || (!text.empty() && naive(pattern, text.substr(1)));
  return !text.empty() && (pattern[0] == U'?' || pattern[0] == text[0])
         && naive(pattern.substr(1), text.substr(1));
}

/// The letters of the random test: of one, two, three and four bytes.
constexpr std::array<std::string_view, 4> letters{"a", "é", "東", "😀"};

std::string utf8(std::u32string_view text) {
  std::string result;
  for (const auto c : text) {
    if (c == U'*' || c == U'?')
      result += static_cast<char>(c);
    else
      result += letters[c - U'a'];
  }
  return result;
}

} // namespace

BOOST_AUTO_TEST_CASE(describes_all_of_the_text) {
  struct row {
    std::string_view pattern;
    std::string_view text;
    bool matches;
  };
  const std::vector<row> rows{
    {"", "", true},
    {"", "a", false},
    {"*", "", true},
    {"*", "anything at all", true},
    {"?", "", false},
    {"?", "東", true},
    {"??", "東", false},
    {"?", "ab", false},
    {"lab/*", "lab/joe", true},
    {"lab/*", "lab/", true},
    {"lab/*", "a lab/joe", false},
    {"*/joe", "lab/joe", true},
    {"*/joe", "lab/joe2", false},
    {"sa_*", "sa_api", true},
    {"*a*b*c*", "xxaxxbxxcxx", true},
    {"*a*b*c*", "xxaxxcxxbxx", false},
    {"*.example.com", "a.b.example.com", true},
    {"**", "x", true},
    {"LAB\\*", "LAB\\joe", true},
    {"a?c", "abc", true},
    {"[abc]", "a", false},
  };
  for (const auto& [pattern, text, matches] : rows)
    BOOST_TEST(glob_matches(pattern, text) == matches,
               pattern << " against " << text);
}

BOOST_AUTO_TEST_CASE(agrees_with_the_definition) {
  std::mt19937 random{11};
  const auto pick = [&random](std::u32string_view alphabet, std::size_t most) {
    std::u32string text(random() % (most + 1), U' ');
    for (auto& c : text)
      c = alphabet[random() % alphabet.size()];
    return text;
  };
  int matched = 0;
  for (int round = 0; round < 50'000; ++round) {
    const auto pattern = pick(U"aabcd**?", 7);
    const auto text = pick(U"aabcd", 9);
    const auto expected = naive(pattern, text);
    matched += expected ? 1 : 0;
    BOOST_REQUIRE_MESSAGE(glob_matches(utf8(pattern), utf8(text)) == expected,
                          utf8(pattern) << " against " << utf8(text));
  }
  BOOST_TEST(matched > 1000);
}

// Would run for years if each star were tried again.
BOOST_AUTO_TEST_CASE(is_quick_on_patterns_of_many_stars) {
  const std::string text(60'000, 'a');
  std::string pattern;
  for (int i = 0; i < 50; ++i)
    pattern += "*a";
  BOOST_TEST(glob_matches(pattern, text));
  BOOST_TEST(!glob_matches(pattern + "b", text));
}

BOOST_AUTO_TEST_CASE(knows_a_glob) {
  BOOST_TEST(is_glob("a*"));
  BOOST_TEST(is_glob("?"));
  BOOST_TEST(!is_glob("LAB/joe [1]"));
  BOOST_TEST(!is_glob(""));
}
