// The files that are shipped, and the page that explains them.
#include "destinations/registry.hpp"
#include "lights/driver.hpp"
#include "lights/light_rules.hpp"
#include "tests/config/support.hpp"

#include <iterator>
#include <regex>
#include <set>
#include <sstream>

using namespace signalbox;
using namespace signalbox::config;

namespace {

const std::filesystem::path root = SIGNALBOX_SOURCE_DIR;

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  BOOST_REQUIRE_MESSAGE(in, file);
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// All mistakes, after the real drivers have read their keys.
std::string mistakes_of(const document& x) {
  for (auto d : x.settings().destinations)
    if (!make_driver(d.kind, d.options))
      BOOST_TEST_MESSAGE("no driver for " << d.options.label());
  for (auto l : x.settings().lights) {
    lights::read_light_rules(l.options);
    lights::make_driver(l.driver, l.options);
  }
  return joined(lines_of(x));
}

/// Lines like `#key = "file"` become keys; each of their files exists.
std::string uncommented(const std::string& text,
                        const temporary_folder& folder) {
  std::istringstream in{text};
  std::string out;
  const std::regex hidden{R"re(^#([a-z_]+ *= "([^"]*)".*))re"};
  for (std::string line; std::getline(in, line);) {
    std::smatch found;
    if (std::regex_match(line, found, hidden)) {
      folder.write(found[2], "x");
      line = found[1];
    }
    out += line + "\n";
  }
  return out;
}

/// The names in front of each `=` and in each header.
std::set<std::string> keys_in(const std::string& toml) {
  std::set<std::string> keys;
  const std::regex assigned{R"re((^|[\n{,] *)#?([a-z_]+) *=)re"};
  const std::regex header{R"re(\n\[+([a-z_.]+)\])re"};
  for (std::sregex_iterator i{toml.begin(), toml.end(), assigned}, end;
       i != end; ++i)
    keys.insert((*i)[2]);
  for (std::sregex_iterator i{toml.begin(), toml.end(), header}, end; i != end;
       ++i)
    keys.insert((*i)[1]);
  return keys;
}

/// The ```toml blocks of a page.
std::vector<std::string> samples_in(const std::string& page) {
  std::vector<std::string> out;
  const std::string open = "```toml\n";
  for (auto at = page.find(open); at != std::string::npos;
       at = page.find(open, at + 1)) {
    auto begin = at + open.size();
    out.push_back(page.substr(begin, page.find("```", begin) - begin));
  }
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_embedded_configuration_is_good) {
  BOOST_TEST(mistakes_of(document::embedded()) == "");
}

BOOST_AUTO_TEST_CASE(the_embedded_configuration_is_what_a_newcomer_is_told) {
  auto x = document::embedded();
  const auto& s = x.settings();
  BOOST_REQUIRE_EQUAL(s.listen.size(), 1U);
  BOOST_TEST(s.listen[0].host == "::");
  BOOST_TEST(s.listen[0].port == 9997);
  BOOST_TEST(s.node.data_dir == "./signalbox-data");
  BOOST_REQUIRE_EQUAL(s.destinations.size(), 1U);
  BOOST_TEST(s.destinations[0].name == "console");
  BOOST_TEST(s.destinations[0].kind == "console");
  BOOST_REQUIRE_EQUAL(s.lights.size(), 1U);
  BOOST_TEST(s.lights[0].name == "desk");
  BOOST_TEST(s.lights[0].driver == "virtual");
  BOOST_TEST(s.admin.host == "127.0.0.1");
  BOOST_TEST(s.admin.port == 9796);
}

BOOST_AUTO_TEST_CASE(the_embedded_configuration_is_the_shipped_file) {
  auto file = root / "config/default.toml";
  auto shipped = document::read(file, environment_of({}));
  auto embedded = document::embedded();
  const auto& a = shipped.settings();
  const auto& b = embedded.settings();
  BOOST_REQUIRE_EQUAL(a.destinations.size(), b.destinations.size());
  BOOST_REQUIRE_EQUAL(a.lights.size(), b.lights.size());
  BOOST_TEST(a.destinations[0].options.fingerprint()
             == b.destinations[0].options.fingerprint());
  BOOST_TEST(a.lights[0].options.fingerprint()
             == b.lights[0].options.fingerprint());
}

BOOST_AUTO_TEST_CASE(the_example_is_good_as_it_is) {
  BOOST_TEST(mistakes_of(
               document::read(root / "config/example.toml", environment_of({})))
             == "");
}

BOOST_AUTO_TEST_CASE(the_example_is_good_with_every_key_in_use) {
  temporary_folder folder;
  auto text = uncommented(content_of(root / "config/example.toml"), folder);
  BOOST_TEST(text.find("\ntoken_file = ") != std::string::npos);
  BOOST_TEST(mistakes_of(document::parse(text, folder.path() / "e.toml",
                                         environment_of({})))
             == "");
}

BOOST_AUTO_TEST_CASE(the_page_explains_every_key_of_the_example) {
  auto page = content_of(root / "docs/configuration.md");
  auto keys = keys_in(content_of(root / "config/example.toml"));
  keys.erase("stage"); // an attribute: the sender's name, not ours
  BOOST_TEST(keys.size() > 60U);
  for (const auto& key : keys)
    BOOST_TEST((page.find("`" + key + "`") != std::string::npos
                || page.find("`[" + key + "]`") != std::string::npos
                || page.find("`[[" + key + "]]`") != std::string::npos),
               key + " is not explained in docs/configuration.md");
}

BOOST_AUTO_TEST_CASE(the_samples_of_the_page_are_good) {
  auto samples = samples_in(content_of(root / "docs/configuration.md"));
  BOOST_TEST(samples.size() >= 5U);
  const variables xs{{"SLACK_WEBHOOK_URL", "https://hooks.slack.example/x"}};
  for (const auto& sample : samples)
    BOOST_TEST(mistakes_of(parse(sample, xs)) == "", sample);
}
