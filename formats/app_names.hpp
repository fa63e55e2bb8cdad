// Names for app ids, from the user's table.
#pragma once

#include "messages/failure.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace signalbox {

/// App names by lower-case app id. Immutable once shared.
class app_names {
public:
  /// Adds the rows of a CSV text: app id, app name; quotes and a header line
  /// are understood. Fails at the first bad row, naming its line.
  result<void> add_csv(std::string_view text);

  /// Adds one name; the id may be upper case.
  void add(std::string_view id, std::string_view name);

  /// Empty when the id has no name.
  [[nodiscard]] std::string_view find(std::string_view id) const;

  [[nodiscard]] std::size_t size() const noexcept {
    return names_.size();
  }

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view x) const noexcept {
      return std::hash<std::string_view>{}(x);
    }
  };

  std::unordered_map<std::string, std::string, text_hash, std::equal_to<>>
    names_;
};

} // namespace signalbox
