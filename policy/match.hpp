// Which events a rule speaks of.
#pragma once

#include "messages/event.hpp"
#include "messages/failure.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox {

/// The patterns of one `match`, `except` or `[[exclude]]` table. A field
/// without patterns does not restrict; of several patterns one must hold. A
/// pattern is exact text, a glob (`*`, `?`) or `/re2/`.
struct match_spec {
  std::vector<std::string> kind;
  std::vector<std::string> command;
  std::vector<std::string> host;
  std::vector<std::string> user; ///< Against DIRECTORY/id, any case.
  std::vector<std::string> app;  ///< Against the app's id and its name.
  std::vector<std::string> origin;
  std::map<std::string, std::vector<std::string>> attributes;

  bool operator==(const match_spec&) const = default;

  [[nodiscard]] bool empty() const noexcept;
};

/// An event, and what several matchers need of it, made once for all of them.
/// One at a time in each thread.
class match_subject {
public:
  explicit match_subject(const event& x) noexcept : event_(x) {
    // nop
  }

  match_subject(const match_subject&) = delete;
  match_subject& operator=(const match_subject&) = delete;

  const event& operator*() const noexcept {
    return event_;
  }

  /// DIRECTORY/id in lower case; empty if the event names no user.
  [[nodiscard]] std::string_view folded_user();

private:
  const event& event_;
  std::optional<std::string_view> user_;
};

/// Compiled patterns; immutable, cheap to copy, safe to use from any thread.
class matcher {
public:
  /// Matches every event.
  matcher();

  /// Fails with the pattern and the reason when a pattern is no valid RE2 or
  /// a kind is unknown.
  static result<matcher> compile(const match_spec& spec);

  /// True if each field of the spec that has patterns holds for one of them.
  [[nodiscard]] bool holds(match_subject& x) const;

  [[nodiscard]] bool holds(const event& x) const {
    match_subject subject{x};
    return holds(subject);
  }

  [[nodiscard]] bool holds_for_all() const noexcept {
    return program_ == nullptr;
  }

private:
  struct program;
  std::shared_ptr<const program> program_; ///< Null: matches everything.
};

/// Which events somebody has a use for. Immutable, safe to use from any thread.
struct interest {
  matcher match;
  std::optional<matcher> except; ///< Of those, not these.

  [[nodiscard]] bool holds(match_subject& x) const {
    return match.holds(x) && !(except && except->holds(x));
  }

  [[nodiscard]] bool holds_for_all() const noexcept {
    return match.holds_for_all() && !except;
  }
};

} // namespace signalbox
