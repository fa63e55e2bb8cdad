// What an event's text says between the lines.
#pragma once

#include <cstddef>
#include <string_view>

namespace signalbox {

inline constexpr std::size_t guid_length = 36; ///< Characters.

/// True for the 36 characters of a GUID, upper or lower case.
bool is_guid(std::string_view x) noexcept;

/// The GUID in a context of "/app/<guid>" or "app/<guid>", with anything
/// behind it, as written there; empty if there is none.
std::string_view app_id_in(std::string_view context) noexcept;

/// The text behind the first "UserAgent:", without the quotes around it; empty
/// if there is none.
std::string_view user_agent_in(std::string_view message) noexcept;

} // namespace signalbox
