// A device on loopback, as a lamp's driver meets it on the network.
#pragma once

#include "net/address.hpp"
#include "net/descriptor.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>

#include <netinet/in.h>
#include <sys/socket.h>

namespace signalbox::lights::test {

/// Hears datagrams, and answers whoever spoke last.
class udp_device {
public:
  /// @param port 0: any free one.
  explicit udp_device(std::uint16_t port = 0)
    : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in self{};
    self.sin_family = AF_INET;
    // All addresses, as it is to hear broadcasts.
    self.sin_addr.s_addr = htonl(INADDR_ANY);
    self.sin_port = htons(port);
    BOOST_REQUIRE(
      bind(fd_.get(), reinterpret_cast<sockaddr*>(&self), sizeof(self)) == 0);
  }

  [[nodiscard]] std::uint16_t port() const {
    return net::port_of(fd_.get());
  }

  /// The next datagram; null when none comes in time.
  std::optional<std::string>
  hear(std::chrono::seconds patience = std::chrono::seconds{10}) {
    if (!net::wait_until_ready(fd_, POLLIN,
                               std::chrono::steady_clock::now() + patience))
      return std::nullopt;
    std::array<char, 4'096> buffer{};
    socklen_t size = sizeof(from_);
    const auto length = recvfrom(fd_.get(), buffer.data(), buffer.size(), 0,
                                 reinterpret_cast<sockaddr*>(&from_), &size);
    if (length < 0)
      return std::nullopt;
    return std::string{buffer.data(), static_cast<std::size_t>(length)};
  }

  /// The port of whoever spoke last.
  [[nodiscard]] std::uint16_t talks_to() const {
    return ntohs(from_.sin_port);
  }

  void answer(std::string_view bytes) const {
    sendto(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr*>(&from_), sizeof(from_));
  }

private:
  net::descriptor fd_;
  sockaddr_in from_{};
};

} // namespace signalbox::lights::test
