#include "bench/sinks/tcp.hpp"

#include <cerrno>
#include <string>
#include <system_error>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace signalbox::bench {

namespace {

// Below those that Linux gives to outgoing connections (32768 to 60999): one
// of these could take a port before its server does, and whoever connects to
// a port of his own has a server that is none.
constexpr std::uint16_t first_port = 20'000;
constexpr unsigned ports = 12'000;

auto failed(const char* what) {
  return fail(errc::socket, std::string{"cannot "} + what + " on 127.0.0.1: "
                              + std::system_category().message(errno));
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in x{};
  x.sin_family = AF_INET;
  x.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  x.sin_port = htons(port);
  return x;
}

bool is_free_for_udp(std::uint16_t port) {
  const net::descriptor fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const auto address = loopback(port);
  return fd
         && ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                   sizeof address)
              == 0;
}

} // namespace

result<net::descriptor> listen_on(std::uint16_t& port) {
  net::descriptor fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const int on = 1;
  auto address = loopback(port);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (!fd
      || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0
      || ::bind(fd.get(), raw, size) != 0 || ::listen(fd.get(), SOMAXCONN) != 0
      || ::getsockname(fd.get(), raw, &size) != 0)
    return failed("listen");
  port = ntohs(address.sin_port);
  return fd;
}

result<net::descriptor> connect_to(std::uint16_t port) {
  net::descriptor fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const int on = 1;
  const auto address = loopback(port);
  if (!fd
      || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                   sizeof address)
           != 0
      || ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
    return failed("connect");
  return fd;
}

result<std::uint16_t> free_port() {
  // Others who run a benchmark start elsewhere.
  static auto next = static_cast<unsigned>(::getpid()) * 64;
  for (unsigned i = 0; i < ports; ++i) {
    auto port = static_cast<std::uint16_t>(first_port + next++ % ports);
    if (listen_on(port) && is_free_for_udp(port))
      return port;
  }
  return fail(errc::socket, "no port is free on 127.0.0.1");
}

} // namespace signalbox::bench
