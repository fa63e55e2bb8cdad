#include "formats/json_appender.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <string>

using namespace signalbox;

namespace {

std::string json_of(std::string_view text) {
  std::string out;
  json_appender{out}.text(text);
  return out;
}

/// RFC 8259, 7, in the spelling that most writers share.
std::string escape_of(unsigned char x) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  switch (x) {
  case '"':
    return R"(\")";
  case '\\':
    return R"(\\)";
  case '\b':
    return R"(\b)";
  case '\f':
    return R"(\f)";
  case '\n':
    return R"(\n)";
  case '\r':
    return R"(\r)";
  case '\t':
    return R"(\t)";
  default:
    if (x >= 0x20)
      return std::string(1, static_cast<char>(x));
    return std::string{R"(\u00)"} + hex[x >> 4U] + hex[x & 0xFU];
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(escapes_each_byte_that_needs_it_wherever_it_is) {
  for (unsigned byte = 0; byte < 256; ++byte)
    for (std::size_t size = 1; size < 36; ++size)
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(byte);
        const auto expected = "\"" + std::string(at, 'x')
                              + escape_of(static_cast<unsigned char>(byte))
                              + std::string(size - at - 1, 'x') + "\"";
        BOOST_TEST_REQUIRE(json_of(text) == expected);
      }
}

BOOST_AUTO_TEST_CASE(writes_what_is_longer_than_its_buffer) {
  for (const std::size_t size : {1'021, 1'022, 1'023, 1'024, 1'025, 70'000}) {
    BOOST_TEST_REQUIRE(json_of(std::string(size, 'x'))
                       == "\"" + std::string(size, 'x') + "\"");
    std::string quotes;
    for (std::size_t i = 0; i < size; ++i)
      quotes += R"(\")";
    BOOST_TEST_REQUIRE(json_of(std::string(size, '"')) == "\"" + quotes + "\"");
  }
}

BOOST_AUTO_TEST_CASE(separates_what_it_nests) {
  std::string out = "before ";
  {
    json_appender to{out};
    to.begin_object();
    to.key("none");
    to.begin_array();
    to.end_array();
    to.escaped_key("a \"b\"");
    to.begin_array();
    to.number(0);
    to.flag(true);
    to.begin_object();
    to.end_object();
    to.begin_object();
    to.key("x");
    to.plain_text("y");
    to.key("z");
    to.text("");
    to.end_object();
    to.flag(false);
    to.end_array();
    to.key("most");
    to.number(std::numeric_limits<std::uint64_t>::max());
    to.end_object();
  }
  BOOST_TEST(out
             == R"(before {"none":[],"a \"b\"":[0,true,{},{"x":"y","z":""},)"
                R"(false],"most":18446744073709551615})");
}
