// The key that a server showed; of use to http_transfer only.
#pragma once

#include <curl/curl.h>

#include <string>

namespace signalbox::net {

/// The pin (`tls_options::pin`) of the server's key; empty if it showed none.
/// @param easy After a transfer with CURLOPT_CERTINFO.
std::string pin_of_server(CURL* easy);

} // namespace signalbox::net
