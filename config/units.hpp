// Durations, sizes and rates as people write them: "250ms", "8MiB", "60/m".
#pragma once

#include "messages/clock.hpp"
#include "messages/failure.hpp"

#include <cstdint>
#include <string_view>

namespace signalbox::config {

// A failure's text follows the quoted value in a sentence: "'10 s'" "is no
// duration: …". It never repeats the value.

/// "250ms", "10s", "1.5s", "5m", "12h", "7d". Never negative.
result<duration> parse_duration(std::string_view text);

/// Bytes: "512B", "64KiB", "8MiB", "1.5GiB", "2TiB", or digits alone.
result<std::uint64_t> parse_size(std::string_view text);

/// Per second: "1/s", "60/m", "3600/h". More than zero.
result<double> parse_rate(std::string_view text);

} // namespace signalbox::config
