// Text from strangers, made fit for one line of a log or of a dead letter.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace signalbox {

/// What strangers sent, as one line of valid UTF-8 that cannot end a log line,
/// move a terminal's cursor or turn the reading direction: white space and
/// line separators become one space, leading and trailing ones go; other
/// control characters, bidirectional controls and invalid bytes become U+FFFD.
/// @param max_characters Code points kept; longer text ends in "…", which
///   counts as one of them.
std::string one_line(std::string_view text, std::size_t max_characters);

} // namespace signalbox
