#include "net/http_sockets.hpp"

#include <unistd.h>

#include <sys/eventfd.h>

namespace signalbox::net {

http_sockets::http_sockets(CURLM* multi)
  : multi_(multi),
    poll_(epoll_create1(EPOLL_CLOEXEC)),
    wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wake_.get();
  epoll_ctl(poll_.get(), EPOLL_CTL_ADD, wake_.get(), &event);
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &on_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
}

http_sockets::~http_sockets() {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, nullptr);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, nullptr);
}

std::span<const epoll_event>
http_sockets::wait(events& room, std::chrono::milliseconds patience) const {
  const auto n =
    epoll_wait(poll_.get(), room.data(), static_cast<int>(room.size()),
               static_cast<int>(patience.count()));
  return {room.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
}

void http_sockets::wake_up() const {
  eventfd_write(wake_.get(), 1);
}

void http_sockets::work_on(std::span<const epoll_event> found) {
  for (const auto& x : found) {
    if (x.data.fd == wake_.get()) {
      eventfd_t count = 0;
      eventfd_read(wake_.get(), &count);
      continue;
    }
    // One before it may have closed this one.
    if (!watched_.contains(x.data.fd))
      continue;
    auto ready = 0;
    if ((x.events & EPOLLIN) != 0)
      ready |= CURL_CSELECT_IN;
    if ((x.events & EPOLLOUT) != 0)
      ready |= CURL_CSELECT_OUT;
    if ((x.events & (EPOLLERR | EPOLLHUP)) != 0)
      ready |= CURL_CSELECT_ERR;
    auto running = 0;
    curl_multi_socket_action(multi_, x.data.fd, ready, &running);
  }
}

void http_sockets::work_on_timer(mono_time now) {
  while (due_ <= now) {
    due_ = mono_time::max();
    auto running = 0;
    curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  }
}

int http_sockets::on_socket(CURL*, curl_socket_t fd, int what, void* self,
                            void*) {
  auto& x = *static_cast<http_sockets*>(self);
  if (what == CURL_POLL_REMOVE) {
    // It may be closed already, and then epoll has forgotten it by itself.
    epoll_ctl(x.poll_.get(), EPOLL_CTL_DEL, fd, nullptr);
    x.watched_.erase(fd);
    return 0;
  }
  epoll_event event{};
  event.data.fd = fd;
  if ((what & CURL_POLL_IN) != 0)
    event.events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0)
    event.events |= EPOLLOUT;
  const auto is_new = x.watched_.insert(fd).second;
  epoll_ctl(x.poll_.get(), is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
  return 0;
}

int http_sockets::on_timer(CURLM*, long ms, void* self) {
  auto& due = static_cast<http_sockets*>(self)->due_;
  if (ms < 0)
    due = mono_time::max();
  else if (ms == 0)
    due = mono_time::min();
  else
    due = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
  return 0;
}

} // namespace signalbox::net
