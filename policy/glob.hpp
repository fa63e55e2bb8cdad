// Patterns as in a shell, over whole texts.
#pragma once

#include <string_view>

namespace signalbox {

/// Whether `pattern` describes all of `text`: `*` stands for any number of
/// characters, `?` for exactly one (a code point, not a byte), everything else
/// for itself; a backslash is an ordinary character, since user names hold
/// them. Both are UTF-8. Takes no memory and at most `pattern` times `text`
/// steps, whatever the pattern.
bool glob_matches(std::string_view pattern, std::string_view text) noexcept;

/// Whether `pattern` has a character with a meaning.
bool is_glob(std::string_view pattern) noexcept;

} // namespace signalbox
