// HTTP through libcurl's multi interface: one thread for all connections.
#pragma once

#include "messages/delivery.hpp"

#include <cstddef>
#include <functional>
#include <memory>

namespace signalbox::net {

/// Sends requests over kept-alive connections, HTTP/2 where the server offers
/// it over TLS. Requests of one sender to one server (scheme, host and port)
/// start in the order they were sent, `connections_per_host` at once; nobody
/// waits for another server or another sender. Certificates are verified unless
/// a request says otherwise; at most `max_answer` bytes of an answer are read,
/// the rest is cut off and the answer counts with its status. Proxies are taken
/// from the environment, as curl does, unless a request is `direct`.
///
/// Redirects are followed only by requests that ask for it: once, within the
/// same time-out, at the same scheme, host and port, with the method, headers,
/// body and credentials of the request. Any other 3xx is the answer, and its
/// `error` says why it was not followed.
///
/// Errors name scheme, host and port only, and `connect_to`, for the rest of a
/// URL can hold a secret. When a kept-alive connection closes before any byte
/// of an answer, libcurl sends the request once more on a fresh one.
///
/// Owns a thread; thread-safe.
class http_client {
public:
  using on_answer = std::function<void(http_answer)>;

  struct options {
    std::size_t connections_per_host = 6; ///< A sender; also requests at once.
    std::string user_agent;               ///< "signalbox/<version>"
  };

  explicit http_client(options opts);

  /// Answers all open requests with an error, joins the thread. Not to be
  /// called from an answer.
  ~http_client();

  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// Sends a request and answers exactly once within the request's time-out,
  /// which runs from this call: waiting for a turn counts. What can go out at
  /// once goes out on the caller's thread, which does not wait for it; the
  /// answer comes from the client's thread or from that of any sender. `done`
  /// must not throw or block. A `connect_only` request that reached the server,
  /// with TLS where the URL says so, is answered with status 0, no error, and
  /// the pin of the server's key.
  void send(http_request request, on_answer done);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace signalbox::net
