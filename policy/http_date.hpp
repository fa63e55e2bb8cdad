// Dates as HTTP writes them.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace signalbox {

/// Parses an HTTP date in any of its three forms (RFC 9110 5.6.7), whatever
/// the process's locale. Empty when it is none, or a day or time that does not
/// exist. Of the week's day only the spelling is checked.
/// @param now Resolves years of two digits: those that seem more than 50 years
///   ahead lie in the past.
std::optional<std::chrono::sys_seconds>
parse_http_date(std::string_view text, std::chrono::sys_seconds now);

} // namespace signalbox
