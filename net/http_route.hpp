// What requests to one place have in common; of use to http_client only.
#pragma once

#include "messages/delivery.hpp"
#include "messages/failure.hpp"
#include "net/http_handle.hpp"
#include "net/http_url.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::net {

class http_transfer;

/// One sender's requests to one server: how many are out, and what waits for
/// its turn.
struct http_queue {
  std::size_t running = 0;
  std::deque<std::unique_ptr<http_transfer>> waiting;
};

/// Requests that differ in their bodies and in the values of their headers at
/// most: what can be found out about them once, and handles made for them.
struct http_route {
  /// Fails on a request that would not be what it says.
  static result<std::shared_ptr<http_route>> make(const http_request& like);

  [[nodiscard]] bool fits(const http_request& x) const;

  /// Whom errors are about: the origin, and where it is looked for.
  [[nodiscard]] std::string shown_origin() const;

  http_request like; ///< Without body.
  url_handle url;
  std::string origin;
  std::shared_ptr<http_queue> queue;
  std::vector<std::unique_ptr<http_handle>> idle;
};

} // namespace signalbox::net
