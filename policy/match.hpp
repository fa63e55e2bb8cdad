// Which events a rule speaks of.
#pragma once

#include "messages/event.hpp"
#include "messages/failure.hpp"

#include <map>
#include <memory>
#include <string>
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

/// Compiled patterns; immutable, cheap to copy, safe to use from any thread.
class matcher {
public:
  /// Matches every event.
  matcher();

  /// Fails with the pattern and the reason when a pattern is no valid RE2 or
  /// a kind is unknown.
  static result<matcher> compile(const match_spec& spec);

  /// True if each field of the spec that has patterns holds for one of them.
  [[nodiscard]] bool holds(const event& x) const;

private:
  struct program;
  std::shared_ptr<const program> program_; ///< Null: matches everything.
};

} // namespace signalbox
