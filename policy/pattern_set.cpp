#include "policy/pattern_set.hpp"

#include "policy/fold.hpp"
#include "policy/glob.hpp"
#include "policy/plain_text.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace signalbox {

namespace {

/// Bytes that one expression may take, its automata included. RE2 refuses
/// what needs more to compile, and works in linear time in any case.
constexpr std::int64_t max_expression_memory = 1 << 20;

bool is_expression(std::string_view pattern) {
  return pattern.size() > 2 && pattern.starts_with('/')
         && pattern.ends_with('/');
}

std::unique_ptr<const re2::RE2> parse(std::string_view pattern,
                                      letter_case mode) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(max_expression_memory);
  options.set_case_sensitive(mode == letter_case::exact);
  const auto text = pattern.substr(1, pattern.size() - 2);
  return std::make_unique<const re2::RE2>(text, options);
}

tl::unexpected<failure> refuse(std::string_view field, std::string_view pattern,
                               std::string_view why) {
  const auto text =
    std::string{field} + ": \"" + std::string{pattern}
    + "\" is no valid regular expression (RE2): " + std::string{why};
  return fail(errc::bad_config, one_line(text, 300));
}

} // namespace

result<pattern_set>
pattern_set::compile(std::string_view field,
                     const std::vector<std::string>& patterns,
                     letter_case mode) {
  pattern_set set;
  for (const auto& pattern : patterns) {
    if (is_expression(pattern)) {
      auto expression = parse(pattern, mode);
      if (!expression->ok())
        return refuse(field, pattern, expression->error());
      set.expressions_.push_back(std::move(expression));
      continue;
    }
    auto& list = is_glob(pattern) ? set.globs_ : set.exact_;
    list.push_back(mode == letter_case::any ? folded(pattern) : pattern);
  }
  std::ranges::sort(set.exact_);
  return set;
}

bool pattern_set::holds_exactly(std::string_view text) const {
  // Of few, most differ in length, which is all that is compared then.
  constexpr std::size_t few = 8;
  if (exact_.size() <= few)
    return std::ranges::find(exact_, text) != exact_.end();
  return std::binary_search(exact_.begin(), exact_.end(), text, std::less<>{});
}

bool pattern_set::holds(std::string_view text) const {
  return holds_exactly(text)
         || std::ranges::any_of(
           globs_,
           [text](const auto& glob) { return glob_matches(glob, text); })
         || std::ranges::any_of(expressions_, [text](const auto& expression) {
              return re2::RE2::PartialMatch(text, *expression);
            });
}

} // namespace signalbox
