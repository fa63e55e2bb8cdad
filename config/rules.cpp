#include "config/match.hpp"
#include "config/settings.hpp"
#include "config/suggest.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace signalbox::config {

namespace {

using pattern_list = std::vector<std::string>;

struct match_key {
  const char* name;
  pattern_list match_spec::*patterns;
};

constexpr std::array match_keys{match_key{"kind", &match_spec::kind},
                                match_key{"command", &match_spec::command},
                                match_key{"host", &match_spec::host},
                                match_key{"user", &match_spec::user},
                                match_key{"app", &match_spec::app},
                                match_key{"origin", &match_spec::origin}};

/// Patterns under one key. `to_spec` makes a rule of one of them, to see
/// whether it compiles.
template <class ToSpec>
pattern_list read_patterns(section& s, std::string_view key, ToSpec to_spec) {
  auto patterns = s.texts(key);
  if (patterns.empty() && s.has(key))
    s.mistake(key, "an empty list holds for nothing; leave the key out");
  for (std::size_t i = 0; i < patterns.size(); ++i)
    if (auto compiled = matcher::compile(to_spec(patterns[i])); !compiled)
      s.mistake(key, i, compiled.error().what);
  return patterns;
}

constexpr double max_burst = 1e9;

constexpr std::array<std::string_view, 7> field_names{
  "source", "host", "user", "kind", "app", "origin", "context"};

/// A list of `key_field`s; `known` are the first of `field_names`.
std::vector<key_field> read_fields(section& s, std::vector<key_field> fallback,
                                   std::size_t known) {
  auto names = s.texts("key");
  if (!s.has("key"))
    return fallback;
  auto allowed = std::span{field_names}.first(known);
  std::vector<key_field> out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto found = std::find(allowed.begin(), allowed.end(), names[i]);
    if (found == allowed.end())
      s.mistake("key", i,
                "unknown field '" + names[i] + "'"
                  + did_you_mean(names[i], allowed));
    else
      out.push_back(static_cast<key_field>(found - allowed.begin()));
  }
  return out;
}

std::string nth_name(const char* what, std::size_t nth) {
  return std::string{what} + "-" + std::to_string(nth);
}

std::vector<exclude_rule> read_excludes(section& root) {
  std::vector<exclude_rule> out;
  std::vector<std::string> names;
  for (auto& s : root.tables("exclude")) {
    auto name = unique_name(s, nth_name("exclude", out.size() + 1), names);
    auto match = read_match(s);
    if (match.empty())
      s.mistake("", "without a pattern it would exclude everything; name at "
                    "least one of kind, command, host, user, app, origin, "
                    "attributes");
    out.push_back({std::move(name), std::move(match)});
  }
  return out;
}

std::vector<limit_rule> read_limits(section& root) {
  std::vector<limit_rule> out;
  std::vector<std::string> names;
  for (auto& s : root.tables("limit")) {
    limit_rule x;
    x.name = unique_name(s, nth_name("limit", out.size() + 1), names);
    // The context of an event is too varied to be paced by.
    x.key = read_fields(s, {}, field_names.size() - 1);
    x.rate = s.rate("rate", 20);
    x.burst = s.number("burst", 100, 1, max_burst);
    out.push_back(std::move(x));
  }
  return out;
}

duplicate_rule read_duplicates(section s) {
  duplicate_rule x;
  x.window = s.time("window", x.window);
  x.key = read_fields(s, std::move(x.key), field_names.size());
  if (x.key.empty())
    s.mistake("key", "an empty list would make every event a duplicate");
  return x;
}

} // namespace

match_spec read_match(section table) {
  match_spec x;
  for (const auto& [name, patterns] : match_keys) {
    auto member = patterns;
    x.*member = read_patterns(table, name, [member](const std::string& p) {
      match_spec one;
      (one.*member).push_back(p);
      return one;
    });
  }
  auto attributes = table.table("attributes");
  for (const auto& name : attributes.keys())
    x.attributes[name] =
      read_patterns(attributes, name, [&name](const std::string& p) {
        match_spec one;
        one.attributes[name].push_back(p);
        return one;
      });
  return x;
}

match_spec read_match(section& parent, std::string_view key) {
  auto x = read_match(parent.table(key));
  if (parent.has(key) && x.empty())
    parent.mistake(key, "holds no pattern; leave it out, or name at least one "
                        "of kind, command, host, user, app, origin, "
                        "attributes");
  return x;
}

admission_rules read_admission(section& root) {
  return {read_excludes(root), read_limits(root),
          read_duplicates(root.table("duplicates"))};
}

} // namespace signalbox::config
