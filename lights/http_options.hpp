// Keys that lamps that speak HTTP read in the same way.
#pragma once

#include "config/section.hpp"
#include "endpoints/http_endpoint.hpp"
#include "endpoints/options.hpp"
#include "endpoints/url.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::lights {

/// A lamp of the local network: `url`, without a path, for the lamp's are known
/// ("http://192.0.2.30"), `timeout`, `tls`. Requests go past any proxy that the
/// environment names. Null after a mistake.
std::optional<http_endpoint>
read_lan_endpoint(config::section& options, std::chrono::milliseconds patience);

/// A mistake if a lamp's URL has more than its address.
void refuse_path(config::section& options, const url_parts& url);

/// A mistake if a URL that a path is appended to has a query or a fragment.
void refuse_query(config::section& options, const url_parts& url);

/// Whom a lamp with a password lets in.
struct lamp_login {
  std::string user;          ///< "admin" unless configured.
  renewable_secret password; ///< Empty: the lamp has none.
};

/// `user`, and `password` or `password_file`.
lamp_login read_login(config::section& options);

} // namespace signalbox::lights
