#include "bench/sinks/sink.hpp"

#include "bench/sinks/tcp.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <unistd.h>
#include <unordered_map>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace signalbox::bench {

namespace {

/// Of one read, and of the longest message.
constexpr std::size_t buffer_size = std::size_t{1} << 20U;

/// A client that reads none of its answers for so long is cut off.
constexpr timeval max_send_time{5, 0};

/// All connections of a sink.
class server {
public:
  server(const net::descriptor& listener, protocol speaks, intake& in)
    : listener_(listener),
      speaks_(speaks),
      in_(in),
      poll_(::epoll_create1(EPOLL_CLOEXEC)),
      buffer_(buffer_size) {
    watch(listener_.get());
  }

  /// Runs until the process is killed; returns when the system refuses.
  void run() {
    std::array<epoll_event, 64> ready{};
    for (;;) {
      const int n = ::epoll_wait(poll_.get(), ready.data(),
                                 static_cast<int>(ready.size()), -1);
      if (n < 0)
        return;
      in_.at(std::chrono::steady_clock::now());
      for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
        const int fd = ready[i].data.fd;
        if (fd == listener_.get())
          accept();
        else if (!serve(fd))
          connections_.erase(fd);
      }
      in_.publish();
    }
  }

private:
  struct connection {
    net::descriptor fd;
    std::string begun; ///< Of a message that is not there as a whole.
  };

  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, fd, &event);
  }

  void accept() {
    net::descriptor fd{
      ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (!fd)
      return;
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &max_send_time,
                 sizeof max_send_time);
    const int number = fd.get();
    watch(number);
    connections_[number].fd = std::move(fd);
  }

  /// @returns Whether the connection lives on.
  bool serve(int fd) {
    auto& begun = connections_[fd].begun;
    std::memcpy(buffer_.data(), begun.data(), begun.size());
    const auto n = ::recv(fd, buffer_.data() + begun.size(),
                          buffer_.size() - begun.size(), MSG_DONTWAIT);
    if (n <= 0)
      return n < 0 && errno == EAGAIN;
    const std::string_view input{buffer_.data(),
                                 begun.size() + static_cast<std::size_t>(n)};
    answers_.clear();
    const auto taken = speaks_(input, in_, answers_);
    if (!taken || input.size() - *taken == buffer_.size())
      return false;
    begun.assign(input.substr(*taken));
    return answers_.empty()
           || ::send(fd, answers_.data(), answers_.size(), MSG_NOSIGNAL)
                == static_cast<ssize_t>(answers_.size());
  }

  const net::descriptor& listener_;
  protocol speaks_;
  intake& in_;
  net::descriptor poll_;
  std::vector<char> buffer_;
  std::string answers_;
  std::unordered_map<int, connection> connections_;
};

} // namespace

sink::sink(std::uint16_t port, shared<arrivals> seen, child process)
  : port_(port), seen_(std::move(seen)), process_(std::move(process)) {
  // nop
}

result<sink> sink::start(protocol speaks, const std::string& mark,
                         std::uint16_t port) {
  auto listener = listen_on(port);
  if (!listener)
    return tl::unexpected(listener.error());
  auto seen = shared<arrivals>::make();
  if (!seen)
    return tl::unexpected(seen.error());
  auto process = child::fork([&] {
    intake in{**seen, mark};
    server{*listener, speaks, in}.run();
  });
  if (!process)
    return tl::unexpected(process.error());
  return sink{port, std::move(*seen), std::move(*process)};
}

} // namespace signalbox::bench
