#include "policy/match.hpp"

#include "policy/fold.hpp"
#include "policy/pattern_set.hpp"
#include "policy/plain_text.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace signalbox {

namespace {

constexpr auto kind_count = static_cast<unsigned>(event_kind::count);
constexpr unsigned every_kind = (1U << kind_count) - 1;

std::string known_kinds() {
  std::string names;
  for (unsigned kind = 0; kind < kind_count; ++kind) {
    names += kind == 0 ? "" : ", ";
    names += to_string(static_cast<event_kind>(kind));
  }
  return names;
}

/// The set of kinds, one bit each, that `patterns` name.
result<unsigned> compile_kinds(const std::vector<std::string>& patterns) {
  if (patterns.empty())
    return every_kind;
  unsigned kinds = 0;
  for (const auto& pattern : patterns) {
    const auto names =
      pattern_set::compile("kind", {pattern}, letter_case::exact);
    if (!names)
      return tl::unexpected(names.error());
    unsigned found = 0;
    for (unsigned kind = 0; kind < kind_count; ++kind)
      if (names->holds(to_string(static_cast<event_kind>(kind))))
        found |= 1U << kind;
    if (found == 0)
      return fail(errc::bad_config, "kind: \"" + one_line(pattern, 100)
                                      + "\" is unknown; there are "
                                      + known_kinds());
    kinds |= found;
  }
  return kinds;
}

bool holds_for(const pattern_set& patterns, std::string_view text) {
  return patterns.empty() || patterns.holds(text);
}

bool holds_for_attribute(const pattern_set& patterns, std::string_view name,
                         const event& x) {
  return std::ranges::any_of(x.attributes, [&](const attribute& candidate) {
    return candidate.name == name && patterns.holds(candidate.value);
  });
}

} // namespace

// -- match_subject ------------------------------------------------------------

std::string_view match_subject::folded_user() {
  if (user_)
    return *user_;
  // Reused by the next subject of the same thread.
  thread_local std::string text;
  text.clear();
  if (!event_.user_directory.empty() || !event_.user_id.empty()) {
    append_folded(text, event_.user_directory);
    text += '/';
    append_folded(text, event_.user_id);
  }
  user_ = text;
  return *user_;
}

// -- matcher ------------------------------------------------------------------

struct matcher::program {
  unsigned kinds = every_kind;
  pattern_set command;
  pattern_set host;
  pattern_set user;
  pattern_set app_id; ///< Ids are lower case on the way, not in configs.
  pattern_set app_name;
  pattern_set origin;
  std::vector<std::pair<std::string, pattern_set>> attributes;

  [[nodiscard]] bool holds_for_app(const event& x) const {
    if (app_id.empty())
      return true;
    if (!x.app_name.empty() && app_name.holds(x.app_name))
      return true;
    // An app known by name only has no id that could be empty.
    return (x.app_name.empty() || !x.app_id.empty()) && app_id.holds(x.app_id);
  }
};

bool match_spec::empty() const noexcept {
  return kind.empty() && command.empty() && host.empty() && user.empty()
         && app.empty() && origin.empty()
         && std::ranges::all_of(attributes, [](const auto& patterns) {
              return patterns.second.empty();
            });
}

matcher::matcher() = default;

result<matcher> matcher::compile(const match_spec& spec) {
  matcher compiled;
  if (spec.empty())
    return compiled;
  auto code = std::make_shared<program>();
  auto kinds = compile_kinds(spec.kind);
  if (!kinds)
    return tl::unexpected(std::move(kinds).error());
  code->kinds = *kinds;
  struct field {
    std::string_view name;
    const std::vector<std::string>& patterns;
    letter_case mode;
    pattern_set& set;
  };
  const std::array fields{
    field{"command", spec.command, letter_case::exact, code->command},
    field{"host", spec.host, letter_case::exact, code->host},
    field{"user", spec.user, letter_case::any, code->user},
    field{"app", spec.app, letter_case::any, code->app_id},
    field{"app", spec.app, letter_case::exact, code->app_name},
    field{"origin", spec.origin, letter_case::exact, code->origin},
  };
  for (const auto& x : fields) {
    auto set = pattern_set::compile(x.name, x.patterns, x.mode);
    if (!set)
      return tl::unexpected(std::move(set).error());
    x.set = std::move(*set);
  }
  for (const auto& [name, patterns] : spec.attributes) {
    auto set =
      pattern_set::compile("attributes." + name, patterns, letter_case::exact);
    if (!set)
      return tl::unexpected(std::move(set).error());
    if (!set->empty())
      code->attributes.emplace_back(name, std::move(*set));
  }
  compiled.program_ = std::move(code);
  return compiled;
}

bool matcher::holds(match_subject& subject) const {
  if (!program_)
    return true;
  const auto& code = *program_;
  const auto& x = *subject;
  return (code.kinds >> static_cast<unsigned>(x.kind) & 1U) != 0
         && holds_for(code.command, x.command) && holds_for(code.host, x.host)
         && (code.user.empty() || code.user.holds(subject.folded_user()))
         && code.holds_for_app(x) && holds_for(code.origin, x.origin)
         && std::ranges::all_of(code.attributes, [&x](const auto& entry) {
              return holds_for_attribute(entry.second, entry.first, x);
            });
}

} // namespace signalbox
