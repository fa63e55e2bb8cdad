// The key that a bridge gives to an app: in v1 a part of the path, so what is
// no key must not get into a request, and a key not into an error.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::lights::hue {

/// Whether `x` may be a key: letters, digits, '-', '.', '_' or '~' (those that
/// RFC 3986 lets stand in a path unescaped), 128 at most.
bool is_key(std::string_view x);

/// Replaces all occurrences.
void hide_key(std::string& text, std::string_view key);

} // namespace signalbox::lights::hue
