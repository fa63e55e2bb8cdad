// A libcurl handle as http_client uses it; of use to it only.
#pragma once

#include "messages/delivery.hpp"

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::net {

/// What a client's requests have in common.
struct http_surroundings {
  std::string user_agent;
  bool has_proxies = false; ///< The environment names one.
};

/// Whoever hears of an answer, piece by piece.
class http_listener {
public:
  /// @returns How much of it is wanted; less than all ends the transfer.
  virtual std::size_t take_body(std::string_view piece) = 0;

  /// @param line With its line break; the status line, too.
  virtual void take_header(std::string_view line) = 0;

protected:
  ~http_listener() = default;
};

/// Made for requests that are alike, of which it carries one at a time: most of
/// a request's cost is to tell libcurl what it is like.
class http_handle {
public:
  /// @param like What the requests are like. Their bodies and the values of
  ///             their headers may differ, and a redirect may change the URL.
  /// @param url `like.url`, parsed; null to have libcurl parse it. Must live as
  ///            long as the handle.
  http_handle(const http_request& like, CURLU* url,
              const http_surroundings& surroundings);

  /// Gets ready for a request, which must not move or change until its end.
  /// @param left Of its time.
  void load(const http_request& request, std::chrono::milliseconds left,
            http_listener& listener);

  [[nodiscard]] CURL* easy() const {
    return easy_.get();
  }

private:
  struct easy_cleanup {
    void operator()(CURL* x) const noexcept {
      curl_easy_cleanup(x);
    }
  };

  /// An element of a list that libcurl reads, over text of ours.
  struct header {
    std::string line;
    curl_slist element{};
  };

  void set_up_request(const http_request& like,
                      const http_surroundings& surroundings);
  void set_up_tls(const tls_options& tls);
  void load_headers(const http_request& request);

  // Before what it refers to.
  std::vector<header> headers_;
  header connect_to_;
  std::unique_ptr<CURL, easy_cleanup> easy_;
};

/// For name, TCP and TLS together; a longer time-out of a request leaves the
/// rest to its answer.
inline constexpr std::chrono::milliseconds max_connect_time{10'000};

} // namespace signalbox::net
