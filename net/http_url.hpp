// URLs as libcurl reads them; of use to http_client only.
#pragma once

#include "messages/failure.hpp"

#include <curl/curl.h>

#include <memory>
#include <string>

namespace signalbox::net {

struct url_cleanup {
  void operator()(CURLU* x) const noexcept {
    curl_url_cleanup(x);
  }
};

using url_handle = std::unique_ptr<CURLU, url_cleanup>;

/// Reads a URL of HTTP. Fails, without showing it, on what libcurl cannot use.
result<url_handle> parse_url(const std::string& text);

/// What may be told of a URL: "https://host:443", without user, password, path
/// and query, each of which can be a secret. Empty if it is not one of HTTP.
std::string origin_of(const url_handle& url);

/// The URL that a redirect leads to, or why it is not followed: it must stay
/// at the scheme, host and port of `url`, and keeps its credentials.
/// @param location As sent: perhaps relative.
result<std::string> redirected(const std::string& url,
                               const std::string& location);

} // namespace signalbox::net
