#include "endpoints/url.hpp"

#include <boost/test/unit_test.hpp>

using namespace signalbox;

BOOST_AUTO_TEST_CASE(takes_a_url_apart) {
  struct {
    std::string_view text;
    std::string_view parts; ///< scheme|username|password|host|port|target
  } const rows[]{
    {"https://example.com", "https|||example.com|0|"},
    {"HTTPS://example.com/a?b#c", "https|||example.com|0|/a?b#c"},
    {"mqtt://h:1883", "mqtt|||h|1883|"},
    {"mqtts://user:pass@broker.example:8883/",
     "mqtts|user|pass|broker.example|8883|/"},
    {"mqtt://us%40er:p%3Aa%2Fss@h", "mqtt|us@er|p:a/ss|h|0|"},
    {"mqtt://user@h", "mqtt|user||h|0|"},
    {"mqtt://[::1]:1883", "mqtt|||::1|1883|"},
    {"http://[fe80::1]", "http|||fe80::1|0|"},
    {"http://h?x=a@b", "http|||h|0|?x=a@b"},
  };
  for (const auto& row : rows) {
    const auto x = parse_url(row.text);
    BOOST_TEST_REQUIRE(x.has_value());
    BOOST_TEST(x->scheme + "|" + x->username + "|" + x->password + "|" + x->host
                 + "|" + std::to_string(x->port) + "|" + x->target
               == row.parts);
  }
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_without_quoting_it) {
  struct {
    std::string_view text;
    std::string_view why;
  } const rows[]{
    {"", "does not start with a scheme"},
    {"secret.example/hook", "does not start with a scheme"},
    {"://secret", "does not start with a scheme"},
    {"https://", "has no host"},
    {"https:///secret", "has no host"},
    {"https://user:secret@", "has no host"},
    {"https://:80", "has no host"},
    {"https://h:0/secret", "the port is not"},
    {"https://h:65536", "the port is not"},
    {"https://h:8x", "the port is not"},
    {"https://h:", "the port is not"},
    {"https://[::1", "lacks its ']'"},
    {"https://[::1]8", "the port is not"},
    {"https://a secret", "has a space"},
    {"https://h\n", "has a space"},
    {"https://sm\xC3\xB6rg\xC3\xA5s", "letter beyond ASCII"},
    {"https://u:secr%et@h", "'%' that is not followed"},
    {"https://u:secret%4@h", "'%' that is not followed"},
    {"https://a<b", "character that no host name has"},
  };
  for (const auto& row : rows) {
    const auto x = parse_url(row.text);
    BOOST_TEST_REQUIRE(!x.has_value());
    BOOST_TEST(x.error().what.find(row.why) != std::string::npos,
               row.text << ": " << x.error().what);
    BOOST_TEST(x.error().what.find("secret") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(encodes_all_but_unreserved_characters) {
  BOOST_TEST(percent_encoded("aZ09-._~") == "aZ09-._~");
  BOOST_TEST(percent_encoded("#00ff00;a b&c=/?%+\"")
             == "%2300ff00%3Ba%20b%26c%3D%2F%3F%25%2B%22");
  BOOST_TEST(percent_encoded("\xC3\xA9\n") == "%C3%A9%0A");
  BOOST_TEST(percent_encoded("").empty());
}
