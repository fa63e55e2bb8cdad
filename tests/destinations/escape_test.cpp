#include "destinations/escape.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace signalbox;

namespace {

struct row {
  escape::function how;
  std::string_view value;
  std::string_view expected;
};

} // namespace

BOOST_AUTO_TEST_CASE(makes_values_harmless_for_each_place) {
  const std::vector<row> rows{
    {escape::none, "LAB\\a <b> \"c\"", "LAB\\a <b> \"c\""},
    {escape::plain, "a\x1b[31mb\nc", "a\xEF\xBF\xBD[31mb c"},
    {escape::plain, "x\xE2\x80\xAEy", "x\xEF\xBF\xBDy"},
    {escape::slack, "<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"},
    {escape::slack, "&lt;", "&amp;lt;"},
    {escape::slack, "*b* _i_", "*b* _i_"},
    {escape::markdown, "[a](b) *c* _d_ #1 `e` \\",
     "\\[a\\]\\(b\\) \\*c\\* \\_d\\_ \\#1 \\`e\\` \\\\"},
    {escape::markdown, "LAB/goran.lind-1", "LAB/goran.lind-1"},
    {escape::json, "LAB\\a \"b\"\t\xC3\xA5",
     "LAB\\\\a \\\"b\\\"\\u0009\xC3\xA5"},
    {escape::topic_level, "a+b#c/d", "a_b_c_d"},
    {escape::topic_level,
     "a\tb\x7f"
     "c\xC2\x85"
     "d\xC2\xA0",
     "a_b_c_d\xC2\xA0"},
    {escape::topic_level, "\xC3\xA5\xF0\x9F\x98\x80",
     "\xC3\xA5\xF0\x9F\x98\x80"},
    {escape::topic_level, "", "_"},
  };
  for (const auto& x : rows) {
    std::string out = ">";
    x.how(out, x.value);
    BOOST_TEST(out == ">" + std::string{x.expected});
  }
}

BOOST_AUTO_TEST_CASE(cuts_between_code_points_and_says_so) {
  struct {
    std::string_view text;
    std::size_t max;
    std::string_view expected;
  } const rows[]{
    {"", 3, ""},
    {"abc", 3, "abc"},
    {"abcd", 3, "ab\xE2\x80\xA6"},
    {"\xC3\xA5\xC3\xA5\xC3\xA5", 3, "\xC3\xA5\xC3\xA5\xC3\xA5"},
    {"\xF0\x9F\x98\x80\xF0\x9F\x98\x80z", 2, "\xF0\x9F\x98\x80\xE2\x80\xA6"},
    {"abc", 1, "\xE2\x80\xA6"},
  };
  for (const auto& x : rows)
    BOOST_TEST(shorten(x.text, x.max) == x.expected);
}
