// What stands in a request to a bridge, and must be nothing else: keys, lamps.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::lights::hue {

/// Whether `x` may be a key that a bridge gives to an app: 1 to 128 letters,
/// digits, '-', '.', '_' or '~' (those that RFC 3986 lets stand in a path).
bool is_key(std::string_view x);

/// Replaces all occurrences: in v1 the key is a part of the path, which errors
/// like to quote.
void hide_key(std::string& text, std::string_view key);

/// A lamp in v1: 1 to 5 digits.
bool is_number(std::string_view x);

/// A lamp in v2 (RFC 9562, 4): 8-4-4-4-12 hexadecimal digits, lower case.
bool is_uuid(std::string_view x);

/// Hexadecimal digits, lower case.
bool is_hex(std::string_view x);

} // namespace signalbox::lights::hue
