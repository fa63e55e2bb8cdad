#include "net/inquiry.hpp"

#include "net/address.hpp"
#include "net/descriptor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <poll.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace signalbox::net {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t max_datagram = 9'000;
constexpr unsigned rounds = 6;

/// Read from one socket before the others, and the clock, have their turn.
constexpr unsigned burst = 64;

sockaddr_in ipv4_of(const endpoint& x, std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  std::memcpy(&out.sin_addr, x.address.data() + 12, sizeof(out.sin_addr));
  return out;
}

template <class T>
bool set_option(int fd, int level, int name, const T& value) {
  return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

/// One inquiry on one interface.
class asking {
public:
  explicit asking(const inquiry_place& place)
    : place_(place), to_(place.what->to()) {
    // nop
  }

  /// False, with `errno`, if there is no way to ask.
  bool open() {
    fd_ =
      descriptor{socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!fd_)
      return false;
    target_ = ipv4_of(place_.at.broadcast, to_.port);
    if (!to_.group.empty()
        && inet_pton(AF_INET, to_.group.c_str(), &target_.sin_addr) != 1) {
      errno = EINVAL;
      return false;
    }
    const auto self = ipv4_of(place_.at.address, 0);
    ip_mreqn out_of{};
    out_of.imr_address = self.sin_addr;
    out_of.imr_ifindex = static_cast<int>(place_.at.index);
    return set_option(fd_.get(), SOL_SOCKET, SO_BROADCAST, 1)
           && set_option(fd_.get(), IPPROTO_IP, IP_MULTICAST_IF, out_of)
           && set_option(fd_.get(), IPPROTO_IP, IP_MULTICAST_TTL, to_.hops)
           && bind(fd_.get(), reinterpret_cast<const sockaddr*>(&self),
                   sizeof(self))
                == 0;
  }

  /// False, with `errno`, if the system refuses.
  bool ask(unsigned round) {
    for (const auto& x : place_.what->questions(round))
      if (sendto(fd_.get(), x.data(), x.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&target_), sizeof(target_))
          < 0)
        return false;
    return true;
  }

  /// Takes what has arrived.
  void listen(std::size_t max_answers) {
    std::array<char, max_datagram> buffer; // NOLINT: filled by the kernel
    for (unsigned i = 0; i < burst && heard_ < max_answers; ++i) {
      sockaddr_in6 from{};
      socklen_t size = sizeof(from);
      // With MSG_TRUNC the length is the datagram's own.
      const auto length =
        recvfrom(fd_.get(), buffer.data(), buffer.size(), MSG_TRUNC,
                 reinterpret_cast<sockaddr*>(&from), &size);
      if (length < 0)
        return;
      ++heard_;
      const auto bytes = static_cast<std::size_t>(length);
      if (bytes <= buffer.size())
        place_.what->hear(to_endpoint(from), {buffer.data(), bytes});
    }
  }

  [[nodiscard]] std::size_t heard() const {
    return heard_;
  }

  [[nodiscard]] int fd() const {
    return fd_.get();
  }

  [[nodiscard]] failure trouble(int error) const {
    const auto whom = host_port(
      to_.group.empty() ? address_text(place_.at.broadcast) : to_.group,
      to_.port);
    return {errc::network, "cannot ask " + whom + " on " + place_.at.name + ": "
                             + error_text(error)};
  }

private:
  inquiry_place place_;
  audience to_;
  sockaddr_in target_{};
  descriptor fd_;
  std::size_t heard_ = 0;
};

/// Listens until `end`; true when all have heard all they may.
bool listen_until(std::vector<asking>& all, steady_clock::time_point end,
                  std::size_t max_answers) {
  for (;;) {
    std::vector<pollfd> waiting;
    waiting.reserve(all.size());
    for (const auto& x : all)
      // A negative descriptor is one that poll leaves alone.
      waiting.push_back({x.heard() < max_answers ? x.fd() : -1, POLLIN, 0});
    if (std::ranges::all_of(waiting, [](auto& x) { return x.fd < 0; }))
      return true;
    const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(end - steady_clock::now());
    if (left.count() <= 0)
      return false;
    poll(waiting.data(), waiting.size(), static_cast<int>(left.count()));
    for (std::size_t i = 0; i < all.size(); ++i)
      if (waiting[i].revents != 0)
        all[i].listen(max_answers);
  }
}

} // namespace

std::vector<failure> inquire(std::span<const inquiry_place> places,
                             const inquiry_bounds& bounds) {
  std::vector<failure> troubles;
  std::vector<asking> all;
  for (const auto& place : places) {
    asking x{place};
    if (x.open())
      all.push_back(std::move(x));
    else
      troubles.push_back(x.trouble(errno));
  }
  const auto start = steady_clock::now();
  for (unsigned round = 0; round < rounds; ++round) {
    std::erase_if(all, [&](asking& x) {
      if (x.ask(round))
        return false;
      troubles.push_back(x.trouble(errno));
      return true;
    });
    const auto end = start + bounds.time * (round + 1) / rounds;
    if (listen_until(all, end, bounds.max_answers))
      break;
  }
  return troubles;
}

} // namespace signalbox::net
