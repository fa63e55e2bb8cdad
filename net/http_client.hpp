// HTTP through libcurl's multi interface: one thread for all connections.
#pragma once

#include "messages/delivery.hpp"

#include <cstddef>
#include <functional>
#include <memory>

namespace signalbox::net {

/// Sends any number of requests at once over kept-alive connections, HTTP/2
/// where the server offers it. Certificates are verified unless a request
/// says otherwise; redirects are not followed; at most 64 KiB of an answer is
/// read, the rest is cut off. Owns a thread; thread-safe.
class http_client {
public:
  using on_answer = std::function<void(http_answer)>;

  struct options {
    std::size_t connections_per_host = 6;
    std::string user_agent; ///< "signalbox/<version>"
  };

  explicit http_client(options opts);

  /// Answers all open requests with an error, joins the thread.
  ~http_client();

  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// Sends a request and answers exactly once, from the client's thread,
  /// within the request's time-out.
  void send(http_request request, on_answer done);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace signalbox::net
