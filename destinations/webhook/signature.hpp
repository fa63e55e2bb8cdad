// How a receiver knows that a body is ours.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::webhook {

/// "sha256=" and the HMAC-SHA-256 (RFC 2104) of `body` in lower-case hex: the
/// value of `X-Signature-256`. Empty if OpenSSL fails.
std::string signature(std::string_view key, std::string_view body);

} // namespace signalbox::webhook
