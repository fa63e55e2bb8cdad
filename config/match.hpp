// `match` and `except` tables, wherever they stand.
#pragma once

#include "config/section.hpp"
#include "policy/match.hpp"

#include <string_view>

namespace signalbox::config {

/// Reads a table's patterns: `kind`, `command`, `host`, `user`, `app`,
/// `origin`, and `attributes = { name = "pattern" }`. Patterns that do not
/// compile are mistakes at their place.
match_spec read_match(section table);

/// `read_match` for the table under `key`. No table matches everything; a
/// table without a pattern is a mistake.
match_spec read_match(section& parent, std::string_view key);

} // namespace signalbox::config
