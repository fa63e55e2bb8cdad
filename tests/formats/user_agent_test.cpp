// uap-core's own test files judge how its rules are applied.
#include "formats/batch_user_agents.hpp"
#include "formats/user_agent.hpp"
#include "formats/user_agent_cache.hpp"
#include "formats/user_agent_names.hpp"

#include <boost/test/unit_test.hpp>
#include <yaml-cpp/yaml.h>

#include <memory>
#include <tuple>
#include <utility>
#include <vector>

using namespace signalbox;

namespace {

const std::shared_ptr<const user_agent_rules>& rules() {
  static const auto loaded =
    user_agent_rules::load(std::string{UAP_CORE_DIR} + "/regexes.yaml");
  BOOST_REQUIRE(loaded.has_value());
  return *loaded;
}

std::string text_of(const YAML::Node& x) {
  return x && !x.IsNull() ? x.as<std::string>() : std::string{};
}

struct score {
  std::size_t right = 0;
  std::size_t wrong = 0;
};

/// Judges all cases of one of uap-core's files.
template <class Judge>
score judge_file(const std::string& name, Judge is_right) {
  score total;
  const auto file = YAML::LoadFile(std::string{UAP_CORE_DIR} + "/" + name);
  for (const auto& x : file["test_cases"]) {
    const auto text = text_of(x["user_agent_string"]);
    const auto found = rules()->parse(text);
    if (is_right(found, x)) {
      ++total.right;
      continue;
    }
    ++total.wrong;
    BOOST_TEST_MESSAGE(name << ": " << text << "\n  got: " << found.browser
                            << ' ' << found.browser_major << ", " << found.os
                            << ' ' << found.os_version);
  }
  return total;
}

bool is_right_browser(const user_agent& found, const YAML::Node& x) {
  return found.browser == common_browser(text_of(x["family"]))
         && found.browser_major == text_of(x["major"]);
}

bool is_right_os(const user_agent& found, const YAML::Node& x) {
  auto version = text_of(x["major"]);
  for (const auto* part : {"minor", "patch"}) {
    if (const auto text = text_of(x[part]); !text.empty())
      version += '.' + text;
  }
  return found.os == common_os(text_of(x["family"]))
         && found.os_version == version;
}

} // namespace

BOOST_AUTO_TEST_CASE(names_browsers_and_systems_as_users_know_them) {
  using row = std::tuple<const char*, const char*, const char*>;
  const std::vector<row> rows{
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:58.0) Gecko/20100101 "
     "Firefox/58.0",
     "Firefox 58", "Windows 10"},
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, "
     "like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
     "Microsoft Edge 120", "Windows 10"},
    {"Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like "
     "Gecko) Chrome/58.0.3029.110 Safari/537.36 OPR/45.0.2552.888",
     "Opera 45", "Windows 10"},
    {"Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
     "Internet Explorer 11", "Windows 10"},
    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_12_6) AppleWebKit/604.5.6 "
     "(KHTML, like Gecko) Version/11.0.3 Safari/604.5.6",
     "Safari 11", "macOS 10.12.6"},
    {"Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) "
     "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.5 Mobile/15E148 "
     "Safari/604.1",
     "Safari 16", "iOS 16.5"},
    {"Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/112.0.0.0 Mobile Safari/537.36",
     "Chrome 112", "Android 12"},
    {"nothing known", " ", " "},
    {"", " ", " "},
  };
  for (const auto& [text, browser, os] : rows) {
    const auto found = rules()->parse(text);
    BOOST_TEST(found.browser + ' ' + found.browser_major == browser);
    BOOST_TEST(found.os + ' ' + found.os_version == os);
  }
}

BOOST_AUTO_TEST_CASE(compiles_every_rule) {
  BOOST_TEST(rules()->skipped() == 0U);
}

BOOST_AUTO_TEST_CASE(agrees_with_the_browsers_of_uap_core) {
  const auto total = judge_file("tests/test_ua.yaml", is_right_browser);
  BOOST_TEST(total.right > 1000U);
  BOOST_TEST(total.wrong == 0U);
}

BOOST_AUTO_TEST_CASE(agrees_with_the_systems_of_uap_core) {
  const auto total = judge_file("tests/test_os.yaml", is_right_os);
  BOOST_TEST(total.right > 400U);
  BOOST_TEST(total.wrong == 0U);
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_a_file_of_rules) {
  const auto missing = user_agent_rules::load("no-such-file.yaml");
  BOOST_TEST_REQUIRE(!missing.has_value());
  BOOST_TEST(missing.error().what == "no-such-file.yaml: cannot be read");
  const auto wrong = user_agent_rules::load(__FILE__);
  BOOST_TEST(!wrong.has_value());
}

BOOST_AUTO_TEST_CASE(remembers_and_forgets_without_changing_its_answers) {
  user_agent_cache cache{rules()};
  const auto agent = [](std::size_t i) {
    return "Firefox/" + std::to_string(i) + ".0";
  };
  for (std::size_t round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < 2 * user_agent_cache::most + 7; ++i) {
      const auto& found = cache.find(agent(i));
      BOOST_TEST_REQUIRE(found.browser == "Firefox");
      BOOST_TEST_REQUIRE(found.browser_major == std::to_string(i));
    }
  }
}

BOOST_AUTO_TEST_CASE(without_rules_every_agent_is_unknown) {
  user_agent_cache cache{nullptr};
  BOOST_TEST(cache.find("Firefox/58.0").browser.empty());
}

BOOST_AUTO_TEST_CASE(names_each_agent_of_a_batch_however_many_there_are) {
  batch_user_agents agents{rules()};
  const auto agent = [](std::size_t i) {
    return "Firefox/" + std::to_string(i) + ".0";
  };
  for (const std::size_t distinct : {1, 8, 9, 30}) {
    const auto batch = std::make_unique<event_batch>();
    agents.begin();
    std::vector<std::pair<batch_user_agents::names, std::size_t>> all;
    for (std::size_t i = 0; i < 3 * distinct; ++i)
      all.emplace_back(agents.find(batch->keep(agent(i % distinct)), *batch),
                       i % distinct);
    for (const auto& [found, i] : all) {
      BOOST_TEST_REQUIRE(found.browser == "Firefox");
      BOOST_TEST_REQUIRE(found.browser_major == std::to_string(i));
    }
  }
}

BOOST_AUTO_TEST_CASE(names_live_in_the_batch_that_they_were_found_for) {
  batch_user_agents agents{rules()};
  auto first = std::make_unique<event_batch>();
  agents.begin();
  agents.find(first->keep("Firefox/58.0"), *first);
  first.reset();
  event_batch second;
  agents.begin();
  const auto found = agents.find(second.keep("Firefox/58.0"), second);
  BOOST_TEST(found.browser == "Firefox");
  BOOST_TEST(found.browser_major == "58");
}
