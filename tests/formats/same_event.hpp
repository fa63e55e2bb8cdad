// Whether two events are the same in everything.
#pragma once

#include "messages/event.hpp"

#include <algorithm>
#include <tuple>

namespace signalbox::test {

/// Everything but the attributes. A new member of `event` does not compile
/// here until it is named, so that none is forgotten.
inline auto members_of(const event& x) {
  const auto& [id, kind, ambiguous, replayed, command, host, user_directory,
               user_id, origin, context, message, app_id, app_name, user_agent,
               browser, browser_major, os, os_version, source, received, sent,
               row_number, external_id, attributes] = x;
  static_cast<void>(attributes);
  return std::tie(id, kind, ambiguous, replayed, command, host, user_directory,
                  user_id, origin, context, message, app_id, app_name,
                  user_agent, browser, browser_major, os, os_version, source,
                  received, sent, row_number, external_id);
}

inline bool same_event(const event& x, const event& y) {
  return members_of(x) == members_of(y)
         && std::ranges::equal(x.attributes, y.attributes,
                               [](const attribute& a, const attribute& b) {
                                 return a.name == b.name && a.value == b.value;
                               });
}

} // namespace signalbox::test
