#include "endpoints/http_endpoint.hpp"

#include "endpoints/url.hpp"

#include <utility>

namespace signalbox {

namespace {

/// What is wrong with the URL; empty if nothing is.
std::string fault_of(std::string_view url, const tls_options& tls) {
  const auto parts = parse_url(url);
  if (!parts)
    return parts.error().what;
  if (parts->scheme != "http" && parts->scheme != "https")
    return "the URL must start with https:// or http://";
  if (parts->scheme == "http" && !tls.pin.empty())
    return "the URL must start with https://, for tls.pin names a key, and "
           "http has none";
  return {};
}

} // namespace

std::optional<http_endpoint>
http_endpoint::read(config::section& options, std::string_view fallback,
                    std::chrono::milliseconds patience) {
  auto url = options.secret_text("url");
  if (url.empty() && !options.has("url") && !options.has("url_file"))
    url = config::secret{std::string{fallback}};
  http_endpoint made;
  made.timeout_ = read_timeout(options, patience);
  made.tls_ = options.tls("tls");
  made.follow_redirects_ = options.flag("follow_redirects", false);
  if (url.empty()) {
    options.mistake("url", "is required: where to send, or url_file = the "
                           "file that holds it");
    return std::nullopt;
  }
  if (auto fault = fault_of(url.reveal(), made.tls_); !fault.empty()) {
    options.mistake(options.has("url") ? "url" : "url_file", std::move(fault));
    return std::nullopt;
  }
  made.url_ = renewable_secret{std::move(url)};
  return made;
}

http_request http_endpoint::post(std::string body,
                                 std::string_view content_type,
                                 std::string_view idempotency_key) const {
  auto x = request("POST", {});
  x.headers = {{"Content-Type", std::string{content_type}},
               {"Idempotency-Key", std::string{idempotency_key}}};
  x.body = std::move(body);
  return x;
}

http_request http_endpoint::request(std::string_view method,
                                    std::string_view path) const {
  http_request x;
  x.method = method;
  x.url = url_.reveal();
  if (path.starts_with('/') && x.url.ends_with('/'))
    x.url.pop_back();
  x.url += path;
  x.timeout = timeout_;
  x.tls = tls_;
  x.follow_redirect = follow_redirects_;
  x.direct = direct_;
  return x;
}

std::string http_endpoint::account() const {
  auto text = url_.reveal();
  if (!tls_.cert.empty())
    text.append("\n").append(tls_.cert);
  return text;
}

http_request http_endpoint::probe() const {
  auto x = request("POST", {});
  x.connect_only = true;
  return x;
}

void http_endpoint::renew() {
  auto fresh = url_;
  fresh.renew();
  if (fault_of(fresh.reveal(), tls_).empty())
    url_ = std::move(fresh);
}

} // namespace signalbox
