// uap-core's names beside those that people use.
#pragma once

#include <string_view>

namespace signalbox {

/// "Mobile Safari" is "Safari" to its user; any other name is kept. "Other",
/// which is uap-core's word for nothing, becomes empty.
std::string_view common_browser(std::string_view family) noexcept;

/// "Mac OS X" is "macOS" by now.
std::string_view common_os(std::string_view family) noexcept;

} // namespace signalbox
