// The one place where text from outside becomes clean: valid UTF-8 without
// control characters, line separators or bidirectional overrides.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace signalbox {

/// How many bytes from the start of `x` are clean already; all of them when
/// the result is `x.size()`. Never ends inside a character.
std::size_t clean_prefix(std::string_view x) noexcept;

/// Appends `x` to `out`, made clean: white space of any kind becomes a space;
/// other control characters, bidirectional embeddings, overrides and isolates,
/// and bytes that are not UTF-8 become U+FFFD. Grows threefold at most.
void append_clean(std::string& out, std::string_view x);

/// The same for text in Windows code page 1252 (bytes that it leaves undefined
/// become U+FFFD).
void append_clean_windows_1252(std::string& out, std::string_view x);

/// True if `x` is well-formed UTF-8 (Unicode 15, table 3-7).
bool is_utf8(std::string_view x) noexcept;

} // namespace signalbox
