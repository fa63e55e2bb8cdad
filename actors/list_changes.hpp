// What a reload does to a list of named things.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace signalbox {

struct list_changes {
  std::vector<std::string> added;
  std::vector<std::string> changed;
  std::vector<std::string> removed;

  [[nodiscard]] bool empty() const noexcept {
    return added.empty() && changed.empty() && removed.empty();
  }

  bool operator==(const list_changes&) const = default;
};

/// Compares by name; each name comes with a fingerprint of all that matters.
list_changes changes_between(const std::map<std::string, std::string>& now,
                             const std::map<std::string, std::string>& then);

/// "destinations: added 'a'; changed 'b', 'c'", empty if nothing changed.
std::string describe(const std::string& things, const list_changes& x);

} // namespace signalbox
