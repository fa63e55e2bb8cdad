// An HTTP/1.1 server for tests that does what it is told, also what no server
// should do.
#pragma once

#include "tests/net/child_process.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <strings.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <sys/socket.h>

namespace signalbox::test {

/// A request as it came over the wire.
struct http_exchange {
  int fd = -1;
  std::string head; ///< Request line and headers.
  std::string body;

  /// The value of a header; empty if absent.
  [[nodiscard]] std::string header(std::string_view name) const {
    for (std::size_t i = head.find("\r\n"); i != std::string::npos;
         i = head.find("\r\n", i + 2)) {
      const auto line = i + 2;
      if (head.size() > line + name.size() && head[line + name.size()] == ':'
          && strncasecmp(&head[line], name.data(), name.size()) == 0) {
        const auto first = head.find_first_not_of(' ', line + name.size() + 1);
        return head.substr(first, head.find("\r\n", first) - first);
      }
    }
    return {};
  }
};

/// Listens on a free loopback port; one thread for each connection.
class http_peer {
public:
  /// Answers one request. Returning true keeps the connection open.
  using behaviour = std::function<bool(http_peer&, const http_exchange&)>;

  explicit http_peer(behaviour x)
    : behaviour_(std::move(x)), listener_(listen_on_loopback(port_)) {
    acceptor_ = std::thread{[this] {
      accept_all();
    }};
  }

  ~http_peer() {
    {
      const std::lock_guard lock{mutex_};
      ending_ = true;
      for (const auto fd : open_)
        shutdown(fd, SHUT_RDWR);
    }
    changed_.notify_all();
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (auto& x : threads_)
      x.join();
    close(listener_);
  }

  http_peer(const http_peer&) = delete;
  http_peer& operator=(const http_peer&) = delete;

  [[nodiscard]] std::uint16_t port() const {
    return port_;
  }

  [[nodiscard]] std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }

  /// Connections so far.
  [[nodiscard]] int connections() const {
    const std::lock_guard lock{mutex_};
    return connections_;
  }

  /// The most requests that were being answered at the same time.
  [[nodiscard]] int most_at_once() const {
    const std::lock_guard lock{mutex_};
    return most_at_once_;
  }

  /// The requests so far.
  [[nodiscard]] std::vector<http_exchange> requests() const {
    const std::lock_guard lock{mutex_};
    return requests_;
  }

  /// Waits until `n` requests have arrived; false after 20 seconds.
  [[nodiscard]] bool wait_for_requests(std::size_t n) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds(20),
                             [&] { return requests_.size() >= n; });
  }

  /// Lets `hold` return for all requests, now and later.
  void release() {
    {
      const std::lock_guard lock{mutex_};
      released_ = true;
    }
    changed_.notify_all();
  }

  /// Waits until `release`, or until the test ends.
  void hold() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return released_ || ending_; });
  }

  /// Sends bytes as they are; false when the client is gone.
  static bool write(const http_exchange& to, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ::send(to.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0)
        return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  /// Sends a proper answer.
  static bool answer(const http_exchange& to, std::string_view status,
                     std::string_view body = {},
                     std::string_view headers = {}) {
    return write(to, "HTTP/1.1 " + std::string{status} + "\r\n"
                       + std::string{headers}
                       + "Content-Length: " + std::to_string(body.size())
                       + "\r\n\r\n" + std::string{body});
  }

private:
  void accept_all() {
    for (;;) {
      const auto fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0)
        return;
      const std::lock_guard lock{mutex_};
      if (ending_) {
        close(fd);
        return;
      }
      ++connections_;
      open_.push_back(fd);
      threads_.emplace_back([this, fd] { serve(fd); });
    }
  }

  void serve(int fd) {
    std::string buffer;
    while (auto request = read_request(fd, buffer)) {
      {
        const std::lock_guard lock{mutex_};
        requests_.push_back(*request);
        most_at_once_ = std::max(most_at_once_, ++at_once_);
      }
      changed_.notify_all();
      const auto keep = behaviour_(*this, *request);
      const std::lock_guard lock{mutex_};
      --at_once_;
      if (!keep)
        break;
    }
    const std::lock_guard lock{mutex_};
    open_.remove(fd);
    close(fd);
  }

  static bool read_more(int fd, std::string& buffer) {
    std::array<char, 4096> bytes{};
    const auto n = recv(fd, bytes.data(), bytes.size(), 0);
    if (n > 0)
      buffer.append(bytes.data(), static_cast<std::size_t>(n));
    return n > 0;
  }

  static std::optional<http_exchange> read_request(int fd,
                                                   std::string& buffer) {
    auto end = std::string::npos;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos)
      if (!read_more(fd, buffer))
        return std::nullopt;
    http_exchange x{fd, buffer.substr(0, end + 2), {}};
    buffer.erase(0, end + 4);
    const auto text = x.header("Content-Length");
    const auto length = text.empty() ? 0 : std::stoul(text);
    while (buffer.size() < length)
      if (!read_more(fd, buffer))
        return std::nullopt;
    x.body = buffer.substr(0, length);
    buffer.erase(0, length);
    return x;
  }

  behaviour behaviour_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::thread acceptor_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::list<std::thread> threads_; ///< Grown by the acceptor only.
  std::list<int> open_;
  std::vector<http_exchange> requests_;
  int connections_ = 0;
  int at_once_ = 0;
  int most_at_once_ = 0;
  bool released_ = false;
  bool ending_ = false;
};

} // namespace signalbox::test
