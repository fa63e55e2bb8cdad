#include "tests/destinations/configured.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace signalbox;
using test::configured;

namespace {

std::string account(std::string_view keys) {
  const configured x{keys};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  return x.it->account();
}

} // namespace

BOOST_AUTO_TEST_CASE(is_the_same_for_the_same_host_and_credentials) {
  struct {
    std::string_view one;
    std::string_view other;
    bool same;
  } const rows[]{
    {"kind = 'slack'\nurl = 'https://h/a'",
     "kind = 'slack'\nurl = 'https://h/a'\nusername = 'x'\nchannel = 'c'",
     true},
    {"kind = 'slack'\nurl = 'https://h/a'",
     "kind = 'slack'\nurl = 'https://h/b'", false},
    // Slack's limit is one message a second in each channel.
    {"kind = 'slack'\ntoken = 't'\nchannel = 'c'",
     "kind = 'slack'\ntoken = 't'\nchannel = 'c'\nformat = 'mrkdwn'", true},
    {"kind = 'slack'\ntoken = 't'\nchannel = 'c'",
     "kind = 'slack'\ntoken = 't'\nchannel = 'd'", false},
    {"kind = 'slack'\ntoken = 't'\nchannel = 'c'",
     "kind = 'slack'\ntoken = 'u'\nchannel = 'c'", false},
    {"kind = 'slack'\ntoken = 't'\nchannel = 'c'",
     "kind = 'slack'\ntoken = 't'\nchannel = 'c'\nurl = 'https://h/a'", false},
    {"kind = 'teams'\nurl = 'https://h/a'",
     "kind = 'teams'\nurl = 'https://h/a'\nformat = 'card'", true},
    {"kind = 'teams'\nurl = 'https://h/a'",
     "kind = 'teams'\nurl = 'https://h/a?sig=2'", false},
    {"kind = 'teams'\nurl = 'https://h/a'",
     "kind = 'webhook'\nurl = 'https://h/a'\nmethod = 'PUT'", true},
    {"kind = 'webhook'\nurl = 'https://h/a'\nheaders = { A = '1' }",
     "kind = 'webhook'\nurl = 'https://h/a'\nheaders = { A = '1' }", true},
    {"kind = 'webhook'\nurl = 'https://h/a'\nheaders = { A = '1' }",
     "kind = 'webhook'\nurl = 'https://h/a'\nheaders = { A = '2' }", false},
    {"kind = 'webhook'\nurl = 'https://h/a'",
     "kind = 'webhook'\nurl = 'https://h/a'\nheaders = { A = '1' }", false},
  };
  for (const auto& row : rows) {
    BOOST_TEST(!account(row.one).empty());
    BOOST_TEST((account(row.one) == account(row.other)) == row.same,
               row.one << "\n"
                       << row.other);
  }
}

BOOST_AUTO_TEST_CASE(is_nobody_elses_where_there_is_no_http) {
  for (auto keys : {"kind = 'console'", "kind = 'file'\npath = '/tmp/x'",
                    "kind = 'mqtt'\nurl = 'mqtt://h'"})
    BOOST_TEST(account(keys).empty(), keys);
}

BOOST_AUTO_TEST_CASE(follows_a_secret_that_was_renewed) {
  const auto folder = std::filesystem::temp_directory_path()
                      / ("signalbox-account-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const auto write = [&](const char* url) {
    std::ofstream{folder / "url"} << url;
  };
  write("https://h/old");
  const configured x{"kind = 'slack'\nurl_file = 'url'",
                     (folder / "test.toml").string()};
  BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
  write("https://h/new");
  BOOST_TEST(
    (x.it->account() == account("kind = 'slack'\nurl = 'https://h/old'")));
  x.it->judge(http_answer{404, "no_service", "", ""}, test::goran().received);
  BOOST_TEST(
    (x.it->account() == account("kind = 'slack'\nurl = 'https://h/new'")));
  std::filesystem::remove_all(folder);
}
