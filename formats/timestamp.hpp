// Dates and times as text.
#pragma once

#include "messages/clock.hpp"

#include <optional>
#include <string_view>

namespace signalbox {

/// Reads an RFC 3339 date and time, and the compact form of ISO 8601 that Qlik
/// Sense's log4net converters print ("20211109T153726.028+0200"). A zone is
/// required; years are 1970 to 2261 (what `wall_time` can hold).
std::optional<wall_time> parse_timestamp(std::string_view text) noexcept;

} // namespace signalbox
