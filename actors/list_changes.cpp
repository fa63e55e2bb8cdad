#include "actors/list_changes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

namespace signalbox {

list_changes changes_between(const std::map<std::string, std::string>& now,
                             const std::map<std::string, std::string>& then) {
  list_changes out;
  for (const auto& [name, fingerprint] : then) {
    const auto i = now.find(name);
    if (i == now.end())
      out.added.push_back(name);
    else if (i->second != fingerprint)
      out.changed.push_back(name);
  }
  for (const auto& [name, fingerprint] : now)
    if (!then.contains(name))
      out.removed.push_back(name);
  return out;
}

std::string describe(const std::string& things, const list_changes& x) {
  std::string out;
  const auto tell = [&](std::string_view what,
                        const std::vector<std::string>& names) {
    if (!names.empty())
      out += fmt::format("{} {} '{}'", out.empty() ? "" : ";", what,
                         fmt::join(names, "', '"));
  };
  tell("added", x.added);
  tell("changed", x.changed);
  tell("removed", x.removed);
  return out.empty() ? out : things + ":" + out;
}

} // namespace signalbox
