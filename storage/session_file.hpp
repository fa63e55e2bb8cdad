// Session snapshots as text, for `sessions.json`.
#pragma once

#include "messages/failure.hpp"
#include "policy/session_table.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace signalbox::storage {

/// More than a full table takes.
inline constexpr std::size_t max_session_file = std::size_t{128} << 20;

/// A JSON object of version 1; times are nanoseconds since 1970.
std::string session_json(const session_snapshot& x);

/// The reverse. Fails with `errc::malformed` on anything that `session_json`
/// does not write: another version, damaged text, names and numbers out of
/// bounds.
result<session_snapshot> parse_session_json(std::string_view text);

} // namespace signalbox::storage
