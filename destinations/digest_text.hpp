// The words in which the kinds that talk to people tell a digest.
#pragma once

#include "policy/digest.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox {

/// "1,234".
std::string grouped(std::uint64_t x);

/// "1,234 events by 212 users in 10 s"; "1 event by 1 user" alone. At most 100
/// characters.
std::string headline(const digest& sum);

/// The headline and the kinds: "…: 925 Start session, 309 Stop session".
std::string summary(const digest& sum);

/// What the channel was spared: "1 message instead of 1,234"; empty for one
/// event.
std::string spared(const digest& sum);

/// A heading and its lines, each with a number and a name. Names are cut to 60
/// code points but not escaped.
struct digest_list {
  std::string title;
  std::vector<name_tally::entry> rows;
};

/// The kinds that occurred, as Qlik Sense spells their commands, most first.
digest_list kinds_in(const digest& sum);

/// The five most active users, apps and servers, then "207 others" with all
/// events of those; "over 995 others" where not all were told apart. Empty
/// lists are left out.
std::vector<digest_list> rankings_in(const digest& sum);

/// Whether the period is so long, 12 hours, that its end needs a date, too.
bool ends_on_another_day(const digest& sum);

} // namespace signalbox
