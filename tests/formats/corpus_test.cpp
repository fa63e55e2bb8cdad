// Every datagram of the corpus, compared field by field.
#include "formats/event_json.hpp"
#include "formats/text.hpp"
#include "formats/wire_parser.hpp"
#include "tests/formats/batch.hpp"
#include "tests/formats/corpus.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidjson/document.h>

#include <map>
#include <span>

using namespace signalbox;

namespace {

using fields = std::map<std::string, std::string>;

void put(fields& to, const std::string& name, std::string_view value) {
  if (!value.empty())
    to[name] = value;
}

fields fields_of(const event& x) {
  fields to;
  put(to, "kind", to_string(x.kind));
  put(to, "command", x.command);
  put(to, "host", x.host);
  put(to, "user_directory", x.user_directory);
  put(to, "user_id", x.user_id);
  put(to, "origin", x.origin);
  put(to, "context", x.context);
  put(to, "message", x.message);
  put(to, "app_id", x.app_id);
  put(to, "app_name", x.app_name);
  put(to, "user_agent", x.user_agent);
  put(to, "browser", x.browser);
  put(to, "browser_major", x.browser_major);
  put(to, "os", x.os);
  put(to, "os_version", x.os_version);
  put(to, "external_id", x.external_id);
  put(to, "sent", x.sent ? to_rfc3339(*x.sent) : "");
  put(to, "row", x.row_number == 0 ? "" : std::to_string(x.row_number));
  put(to, "ambiguous", x.ambiguous ? "true" : "");
  put(to, "replayed", x.replayed ? "true" : "");
  for (const auto& a : x.attributes)
    to["attributes." + std::string{a.name}] = a.value;
  return to;
}

/// rapidjson's own iterators are ambiguous in C++20.
std::span<const rapidjson::Value::Member>
members_of(const rapidjson::Value& x) {
  return {x.MemberBegin().operator->(), x.MemberCount()};
}

std::string text_of(const rapidjson::Value& x) {
  if (x.IsString())
    return {x.GetString(), x.GetStringLength()};
  return x.IsBool() ? "true" : std::to_string(x.GetUint64());
}

fields fields_of(const std::string& json) {
  rapidjson::Document object;
  object.Parse(json.data(), json.size());
  BOOST_REQUIRE_MESSAGE(object.IsObject(), json);
  fields to;
  for (const auto& member : members_of(object)) {
    const auto name = text_of(member.name);
    if (!member.value.IsObject()) {
      to[name] = text_of(member.value);
      continue;
    }
    for (const auto& inner : members_of(member.value))
      to[name + "." + text_of(inner.name)] = text_of(inner.value);
  }
  return to;
}

std::string shown(const fields& xs) {
  std::string text;
  for (const auto& [name, value] : xs)
    text += "\n  " + name + ": " + value.substr(0, 200);
  return text;
}

wire_parser::options options_for(const std::string& words) {
  static const auto rules =
    user_agent_rules::load(std::string{UAP_CORE_DIR} + "/regexes.yaml");
  BOOST_REQUIRE(rules);
  app_names names;
  names.add("a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69", "Sales Discovery");
  const auto has = [&](const char* x) {
    return words.find(x) != words.npos;
  };
  wire_parser::options opts;
  opts.format = has("format=json")   ? wire_format::json
                : has("format=qlik") ? wire_format::qlik
                                     : wire_format::automatic;
  opts.encoding = has("encoding=windows-1252") ? wire_encoding::windows_1252
                                               : wire_encoding::utf8;
  opts.user_agents = *rules;
  opts.apps = std::make_shared<const app_names>(std::move(names));
  return opts;
}

void check(const test::corpus_case& x) {
  BOOST_TEST_CONTEXT(x.name) {
    // Neighbours in the arena must not shine through.
    const auto wire = test::make_batch({"\"}]", x.wire, "\"}];1e9"});
    wire->items[1].oversized = x.options == "oversized";
    wire_parser parser{options_for(x.options), id_source{"test", {}, 1}};
    event_batch out{wire};
    const auto why = parser.parse(*wire, wire->items[1], out);
    const auto rejected =
      why ? std::string{to_string(why->why)} + ": " + std::string{why->detail}
          : std::string{};
    BOOST_TEST(rejected == x.reject);
    BOOST_TEST(parser.bad_records() == x.bad_records);
    BOOST_TEST_REQUIRE(out.events.size() == x.events.size());
    for (std::size_t i = 0; i < x.events.size(); ++i) {
      const auto actual = fields_of(out.events[i]);
      const auto expected = fields_of(x.events[i]);
      BOOST_CHECK_MESSAGE(actual == expected,
                          "got:" << shown(actual)
                                 << "\nexpected:" << shown(expected));
      BOOST_TEST((out.events[i].source == wire->items[1].source));
      BOOST_TEST((out.events[i].received == test::received_at));
      BOOST_TEST((out.events[i].id != event_id{}));
    }
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(reads_every_datagram_of_the_corpus_as_expected) {
  const auto cases = test::read_corpus(FORMATS_CORPUS);
  BOOST_TEST(cases.size() >= 150U);
  for (const auto& x : cases)
    check(x);
}

BOOST_AUTO_TEST_CASE(every_case_expects_something) {
  for (const auto& x : test::read_corpus(FORMATS_CORPUS)) {
    BOOST_TEST_CONTEXT(x.name)
    BOOST_TEST(x.events.empty() != x.reject.empty());
  }
}
