// The parts of a URL, as far as destinations need them. Failures never quote
// the URL, which may hold a secret.
#pragma once

#include "messages/failure.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox {

struct url_parts {
  std::string scheme; ///< Lower case: "https".
  std::string username;
  std::string password;   ///< Percent-decoded, as is the name.
  std::string host;       ///< Without the brackets of an IPv6 address.
  std::uint16_t port = 0; ///< 0: the scheme's default.
  std::string target;     ///< Path, query and fragment as written.
};

/// Takes a URL apart: `scheme://[user[:password]@]host[:port][/…]` (RFC 3986,
/// without its rarer forms). Spaces and control characters are refused.
result<url_parts> parse_url(std::string_view text);

/// For one value in a query or one segment of a path: all but unreserved
/// characters as "%2A" (RFC 3986, 2.3).
std::string percent_encoded(std::string_view text);

} // namespace signalbox
