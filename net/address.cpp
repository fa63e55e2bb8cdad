#include "net/address.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <arpa/inet.h>
#include <sys/socket.h>

namespace signalbox::net {

tl::expected<address_list, std::string> resolve(const std::string& host,
                                                std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const auto rc =
    getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (rc == EAI_SYSTEM)
    return tl::unexpected{error_text(errno)};
  if (rc != 0)
    return tl::unexpected{std::string{"the name cannot be resolved ("}
                          + gai_strerror(rc) + ")"};
  return address_list{found, &freeaddrinfo};
}

endpoint to_endpoint(const sockaddr_in6& from) noexcept {
  endpoint x;
  if (from.sin6_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &from, sizeof(v4));
    x.address[10] = x.address[11] = 0xff;
    std::memcpy(x.address.data() + 12, &v4.sin_addr, 4);
    x.port = ntohs(v4.sin_port);
    return x;
  }
  std::memcpy(x.address.data(), &from.sin6_addr, x.address.size());
  x.port = ntohs(from.sin6_port);
  return x;
}

std::uint16_t port_of(int fd) noexcept {
  sockaddr_in6 name{};
  socklen_t size = sizeof(name);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0)
    return 0;
  return to_endpoint(name).port;
}

std::string host_port(const std::string& host, std::uint16_t port) {
  const auto literal = host.find(':') != std::string::npos;
  return (literal ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string error_text(int error) {
  return std::system_category().message(error);
}

std::string udp_send_fault(int error, const std::string& where,
                           std::size_t length) {
  switch (error) {
  case ECONNREFUSED:
    return "nobody listens on " + where;
  case EMSGSIZE:
    return "a datagram of " + std::to_string(length)
           + " bytes is too long for UDP";
  default:
    return "cannot send to " + where + ": " + error_text(error);
  }
}

} // namespace signalbox::net
