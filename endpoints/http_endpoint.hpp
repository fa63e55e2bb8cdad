// Where and how the kinds that speak HTTP send: `url`, `timeout`, `tls`,
// `follow_redirects`.
#pragma once

#include "config/section.hpp"
#include "endpoints/options.hpp"
#include "messages/delivery.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox {

class http_endpoint {
public:
  /// Reads `url` (or `url_file`), `timeout`, `tls` and `follow_redirects`. Null
  /// after a mistake: no URL, one without host, or one that is not http or
  /// https.
  /// @param fallback The URL where none is configured; empty: required.
  /// @param patience The time-out where none is configured.
  static std::optional<http_endpoint>
  read(config::section& options, std::string_view fallback = {},
       std::chrono::milliseconds patience = std::chrono::seconds{10});

  /// A POST of `body` with `Content-Type` and `Idempotency-Key`.
  [[nodiscard]] http_request post(std::string body,
                                  std::string_view content_type,
                                  std::string_view idempotency_key) const;

  /// A request for a path below the URL: "/json/state". The path begins with a
  /// slash and is sent as it is.
  [[nodiscard]] http_request request(std::string_view method,
                                     std::string_view path) const;

  /// The part of `driver::account` that all kinds share: the URL as configured
  /// and the client's certificate.
  [[nodiscard]] std::string account() const;

  /// A request that only reaches the server.
  [[nodiscard]] http_request probe() const;

  /// Requests go past any proxy that the environment names: for what is on the
  /// local network.
  void pass_proxies() noexcept {
    direct_ = true;
  }

  /// Reads the URL's file again, after an answer that blames the destination.
  void renew();

private:
  renewable_secret url_;
  std::chrono::milliseconds timeout_{};
  tls_options tls_;
  bool follow_redirects_ = false;
  bool direct_ = false;
};

} // namespace signalbox
