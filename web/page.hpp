// The dashboard: one page, embedded in the binary, that asks for nothing but
// the admin interface it came from.
#pragma once

#include <string_view>

namespace signalbox::web {

/// The whole page, to be served at `/` as text/html; charset=utf-8.
std::string_view page() noexcept;

/// The value of the Content-Security-Policy header that the page must be
/// served with: it allows the page's own script and style, by their hashes.
std::string_view content_security_policy() noexcept;

} // namespace signalbox::web
