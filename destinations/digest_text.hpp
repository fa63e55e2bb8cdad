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

/// "1,234 events in 10 s"; "1 event" alone.
std::string headline(const digest& sum);

/// A heading and its lines: "Top users", each with a name and a number. Names
/// are cut to 60 code points but not escaped.
struct digest_list {
  std::string title;
  std::vector<name_tally::entry> rows;
};

/// The kinds that occurred, as Qlik Sense spells their commands, most first.
digest_list kinds_in(const digest& sum);

/// The five most active users, apps and servers; empty lists are left out.
std::vector<digest_list> rankings_in(const digest& sum);

} // namespace signalbox
