#include "tests/destinations/configured.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>

using namespace signalbox;
namespace fs = std::filesystem;

namespace {

const fs::path folder{SIGNALBOX_DESTINATIONS_DIR};

config::document read(const fs::path& file) {
  return config::document::read(
    file, [](std::string_view) { return std::optional<std::string>{}; });
}

} // namespace

BOOST_AUTO_TEST_CASE(has_a_sample_without_mistakes_for_every_kind) {
  for (auto kind : destination_kinds()) {
    auto doc = read(folder / kind / "sample.toml");
    BOOST_TEST_REQUIRE(!doc.settings().destinations.empty());
    for (const auto& x : doc.settings().destinations) {
      BOOST_TEST(x.kind == kind);
      auto options = x.options;
      BOOST_TEST((make_driver(x.kind, options) != nullptr), kind);
    }
    for (const auto& x : doc.finish())
      BOOST_ERROR(to_string(x));
  }
}

BOOST_AUTO_TEST_CASE(has_a_readme_and_a_kind_for_every_folder) {
  const auto kinds = destination_kinds();
  BOOST_TEST(std::ranges::is_sorted(kinds));
  for (const auto& x : fs::directory_iterator{folder}) {
    if (!x.is_directory())
      continue;
    const auto name = x.path().filename().string();
    BOOST_TEST((std::ranges::find(kinds, name) != kinds.end()), name);
    BOOST_TEST(fs::exists(x.path() / "README.md"), name);
  }
}

BOOST_AUTO_TEST_CASE(suggests_the_nearest_kind) {
  const test::configured x{"kind = \"slak\"\nurl = \"https://h\""};
  BOOST_TEST(x.complaint().find("test.toml:3:1: ") == 0, x.complaint());
  BOOST_TEST(x.complaint().find("unknown kind 'slak', did you mean 'slack'?")
               != std::string::npos,
             x.complaint());
  BOOST_TEST(!x.it);
}

BOOST_AUTO_TEST_CASE(reports_bad_keys_of_each_kind) {
  struct {
    std::string_view keys;
    std::string_view why;
  } const rows[]{
    {"kind = \"slack\"", "url: is required"},
    {"kind = \"slack\"\nurl = \"https://\"", "url: the URL has no host"},
    {"kind = \"slack\"\nurl = \"ftp://h\"", "url: the URL must start with"},
    {"kind = \"slack\"\nurl = \"https://h\"\ntemplate = \"{{hots}}\"",
     "test.toml:5:1: destination.template: line 1, column 1: unknown field "
     "'hots', did you mean 'host'?"},
    {"kind = \"slack\"\nurl = \"https://h\"\nformat = \"mrkdown\"",
     "did you mean 'mrkdwn'?"},
    {"kind = \"slack\"\ntoken = \"xoxb-1\"", "channel: is required"},
    {"kind = \"teams\"\nurl = \"https://h\"\nfacts = { A = \"{{x\" }",
     "A: line 1, column 1: '{{' has no closing '}}'"},
    {"kind = \"webhook\"", "url: is required"},
    {"kind = \"webhook\"\nurl = \"https://h\"\nbody = \"jsn\"",
     "neither \"json\" nor \"cloudevents\""},
    {"kind = \"webhook\"\nurl = \"https://h\"\nbody = \"{{id}}\"\nbatch = 2",
     "batch: must be 1 with a template"},
    {"kind = \"webhook\"\nurl = \"https://h\"\nhmac = { }", "key: is required"},
    {"kind = \"webhook\"\nurl = \"https://h\"\nheaders = { \"X Y\" = \"1\" }",
     "'X Y' is not the name of a header"},
    {"kind = \"webhook\"\nurl = \"https://h\"\nheaders = { X = \"1\\r\\nY: 2\" "
     "}",
     "'X' has a line break"},
    {"kind = \"webhook\"\nurl = \"https://h\"\nmethod = \"GET\"", "method"},
    {"kind = \"mqtt\"", "url: is required"},
    {"kind = \"mqtt\"\nurl = \"http://h\"", "must start with mqtt://"},
    {"kind = \"mqtt\"\nurl = \"mqtt://h/topic\"",
     "the URL ends after the port"},
    {"kind = \"webhook\"\nurl = \"http://h\"\ntls = { pin = "
     "\"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\" }",
     "must start with https://, for tls.pin"},
    {"kind = \"mqtt\"\nurl = \"mqtt://h\"\nverify = false", "need mqtts://"},
    {"kind = \"mqtt\"\nurl = \"mqtts://h\"\npin = "
     "\"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"",
     "pin is for https:// only"},
    {"kind = \"mqtt\"\nurl = \"mqtt://h\"\npassword = \"x\"",
     "needs a username"},
    {"kind = \"mqtt\"\nurl = \"mqtt://h\"\nqos = 3", "qos"},
    {"kind = \"mqtt\"\nurl = \"mqtt://h\"\npayload = \"jsno\"",
     "payload: is neither"},
    {"kind = \"mqtt\"\nurl = \"mqtt://h\"\ntopics = { every = \"a/#\" }",
     "has a wildcard"},
    {"kind = \"mqtt\"\nurl = \"mqtt://h\"\ntopics = { every = \"{{{host}}}\" }",
     "values in topics are always escaped"},
    {"kind = \"mqtt\"\nurl = \"mqtt://h\"\nstatus_topic = \"a/+\"",
     "has a wildcard"},
    {"kind = \"mqtt\"\nurl = \"mqtt://h\"\ntopics = { session_start = \"\", "
     "session_stop = \"\", connection_open = \"\", connection_close = \"\" }",
     "all topics are empty"},
    {"kind = \"file\"", "path"},
    {"kind = \"file\"\npath = \"x\"\nrotate = { keep = -1 }", "keep"},
    {"kind = \"file\"\npath = \"x\"\ntemplate = \"same\"", "has no {{field}}"},
    {"kind = \"console\"\nformat = \"yaml\"", "format"},
  };
  for (const auto& row : rows) {
    const test::configured x{row.keys};
    BOOST_TEST(x.complaint().find(row.why) != std::string::npos,
               row.keys << "\n-> " << x.complaint());
    BOOST_TEST(x.mistakes.size() == 1U, row.keys << "\n-> " << x.complaint());
    BOOST_TEST(!x.it);
  }
}

BOOST_AUTO_TEST_CASE(follows_redirects_only_when_told_so) {
  for (const std::string kind : {"slack", "teams", "webhook"}) {
    const auto keys = "kind = \"" + kind + "\"\nurl = \"https://h/x\"\n";
    for (const auto& [more, expected] : {std::pair{"", false},
                                         {"follow_redirects = false\n", false},
                                         {"follow_redirects = true\n", true}}) {
      const test::configured x{keys + more};
      BOOST_TEST_REQUIRE(x.it != nullptr, x.complaint());
      BOOST_TEST(test::http(*x.it, test::goran()).follow_redirect == expected);
    }
    const test::configured wrong{keys + "follow_redirects = \"same_host\"\n"};
    BOOST_TEST(wrong.complaint().find("follow_redirects") != std::string::npos,
               wrong.complaint());
  }
}

BOOST_AUTO_TEST_CASE(reports_keys_that_the_kind_does_not_read) {
  const test::configured slack{
    "kind = \"slack\"\nurl = \"https://h\"\nusernam = \"x\""};
  BOOST_TEST(slack.complaint().find("did you mean 'username'?")
             != std::string::npos);
  const test::configured mqtt{
    "kind = \"mqtt\"\nurl = \"mqtt://h\"\ntopics = { evry = \"a\" }"};
  BOOST_TEST(mqtt.complaint().find("did you mean 'every'?")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(keeps_secrets_out_of_mistakes) {
  for (auto keys : {"kind = \"slack\"\nurl = \"https:///hush\"",
                    "kind = \"teams\"\nurl = \"gopher://h/hush\"",
                    "kind = \"webhook\"\nurl = \"hush\"",
                    "kind = \"webhook\"\nurl = \"https://h\"\nheaders = { X = "
                    "\"hush\\n\" }",
                    "kind = \"mqtt\"\nurl = \"mqtt://u:hush@h:99999\"",
                    "kind = \"mqtt\"\nurl = \"mqtt://u:hush%@h\""}) {
    const test::configured x{keys};
    BOOST_TEST(x.mistakes.size() == 1U);
    BOOST_TEST(x.complaint().find("hush") == std::string::npos, x.complaint());
  }
}
