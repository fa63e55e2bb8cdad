// The sockets of libcurl's transfers, and its timer; of use to http_client
// only.
#pragma once

#include "messages/clock.hpp"
#include "net/descriptor.hpp"

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <memory>
#include <span>
#include <unordered_set>

#include <sys/epoll.h>

namespace signalbox::net {

struct multi_cleanup {
  void operator()(CURLM* x) const noexcept {
    curl_multi_cleanup(x);
  }
};

using multi_handle = std::unique_ptr<CURLM, multi_cleanup>;

/// Waits for what libcurl waits for, with epoll: unlike `curl_multi_poll` that
/// lets others use the multi handle meanwhile. Not thread-safe, but for `wait`
/// and `wake_up`.
class http_sockets {
public:
  /// @param multi Whose sockets these are; outlives this.
  explicit http_sockets(CURLM* multi);

  ~http_sockets();

  http_sockets(const http_sockets&) = delete;
  http_sockets& operator=(const http_sockets&) = delete;

  /// Room for what a wait has found.
  using events = std::array<epoll_event, 64>;

  /// Waits for a socket or `wake_up`. To be called by one thread.
  std::span<const epoll_event> wait(events& room,
                                    std::chrono::milliseconds patience) const;

  /// Ends a wait, the next one if there is none.
  void wake_up() const;

  /// Lets libcurl work on what a wait has found.
  void work_on(std::span<const epoll_event> found);

  /// Lets libcurl do what is due by now.
  void work_on_timer(mono_time now);

  /// When something is due; `mono_time::max()` if nothing is.
  [[nodiscard]] mono_time due() const {
    return due_;
  }

private:
  /// libcurl's callbacks; the last argument but one is these sockets.
  static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void*);
  static int on_timer(CURLM*, long ms, void* self);

  CURLM* multi_;
  descriptor poll_;
  descriptor wake_;
  std::unordered_set<curl_socket_t> watched_;
  mono_time due_ = mono_time::max();
};

} // namespace signalbox::net
