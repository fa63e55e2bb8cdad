// Events as JSON text, in the three forms that others understand.
#pragma once

#include "messages/event.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace signalbox {

/// Appends our own event JSON (one object, no line break): kind, command,
/// host, user, origin, context, message, app, time, id, attributes, …; what is
/// empty is left out. `wire_parser` reads it back.
void append_json(std::string& out, const event& x);

/// Appends the JSON that Butler SOS publishes, in its key order.
void append_sos_json(std::string& out, const event& x);

/// Appends a CloudEvents 1.0 envelope (structured mode) around `append_json`.
void append_cloudevent(std::string& out, const event& x);

/// "2026-11-22T09:15:02.123Z": RFC 3339 with milliseconds, UTC.
using rfc3339_text = std::array<char, 24>;
rfc3339_text text_of(wall_time x) noexcept;
std::string to_rfc3339(wall_time x);

} // namespace signalbox
