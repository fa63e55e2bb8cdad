#include "net/datagram_peer.hpp"

#include "net/address.hpp"
#include "net/descriptor.hpp"
#include "net/name_lookup.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <utility>

#include <linux/errqueue.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace signalbox::net {

namespace {

template <class T>
bool set_option(int fd, int level, int name, const T& value) {
  return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

/// @param index Of a network interface; 0: the system's choice.
bool choose_way_out(int fd, int family, unsigned index) {
  if (index == 0)
    return true;
  if (family == AF_INET6)
    return set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, index);
  ip_mreqn out_of{};
  out_of.imr_ifindex = static_cast<int>(index);
  return set_option(fd, IPPROTO_IP, IP_MULTICAST_IF, out_of);
}

/// Has the kernel keep what is said of datagrams that have left, such as that
/// no machine has their address; else only refusals are told.
bool want_errors(int fd, int family) {
  return family == AF_INET6 ? set_option(fd, IPPROTO_IPV6, IPV6_RECVERR, 1)
                            : set_option(fd, IPPROTO_IP, IP_RECVERR, 1);
}

/// Takes one of what `want_errors` keeps; 0: there is none.
int take_kept_error(int fd) {
  alignas(cmsghdr) std::array<char, 512> extra{};
  msghdr message{};
  message.msg_control = extra.data();
  message.msg_controllen = extra.size();
  if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
    return 0;
  for (auto* x = CMSG_FIRSTHDR(&message); x != nullptr;
       x = CMSG_NXTHDR(&message, x)) {
    if ((x->cmsg_level != IPPROTO_IP || x->cmsg_type != IP_RECVERR)
        && (x->cmsg_level != IPPROTO_IPV6 || x->cmsg_type != IPV6_RECVERR))
      continue;
    sock_extended_err said{};
    std::memcpy(&said, CMSG_DATA(x), sizeof(said));
    if (said.ee_errno != 0)
      return static_cast<int>(said.ee_errno);
  }
  return EIO;
}

/// Empties what is kept, as it wakes `poll`; the last of it, or 0.
int take_kept_errors(int fd) {
  auto last = 0;
  while (const auto x = take_kept_error(fd))
    last = x;
  return last;
}

} // namespace

struct datagram_peer::impl {
  descriptor fd;
  std::string where;
  sockaddr_storage to{}; ///< Whom to send to, unless the socket is connected.
  socklen_t to_size = 0;

  /// False, with `errno`.
  bool open(const addrinfo& x, bool heed_all, unsigned interface_index) {
    fd = descriptor{
      socket(x.ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!fd || !choose_way_out(fd.get(), x.ai_family, interface_index))
      return false;
    // Only permits it; whether it is a broadcast, the address tells.
    if (x.ai_family == AF_INET
        && !set_option(fd.get(), SOL_SOCKET, SO_BROADCAST, 1))
      return false;
    if (!heed_all)
      return want_errors(fd.get(), x.ai_family)
             && connect(fd.get(), x.ai_addr, x.ai_addrlen) == 0;
    std::memcpy(&to, x.ai_addr, x.ai_addrlen);
    to_size = x.ai_addrlen;
    return true;
  }

  /// False, with `errno`.
  [[nodiscard]] bool send(std::string_view bytes) const {
    const auto* address =
      to_size == 0 ? nullptr : reinterpret_cast<const sockaddr*>(&to);
    return sendto(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL, address,
                  to_size)
           >= 0;
  }
};

datagram_peer::datagram_peer(std::unique_ptr<impl> x) : impl_(std::move(x)) {
  // nop
}

datagram_peer::~datagram_peer() = default;

datagram_peer::datagram_peer(datagram_peer&&) noexcept = default;

datagram_peer& datagram_peer::operator=(datagram_peer&&) noexcept = default;

result<datagram_peer> datagram_peer::open(const datagram_options& options,
                                          mono_time deadline) {
  auto made = std::make_unique<impl>();
  made->where = host_port(options.host, options.port);
  const auto cannot = "cannot send to " + made->where + ": ";
  unsigned index = 0;
  if (!options.interface_name.empty()) {
    index = if_nametoindex(options.interface_name.c_str());
    if (index == 0)
      return fail(errc::network, cannot
                                   + "this machine has no network interface '"
                                   + options.interface_name + "'");
  }
  const auto addresses = resolve_until(options.host, options.port, deadline);
  if (!addresses)
    return fail(errc::network, cannot + addresses.error());
  auto error = 0;
  for (const auto* x = addresses->get(); x != nullptr; x = x->ai_next) {
    if (made->open(*x, options.heed_all, index))
      return datagram_peer{std::move(made)};
    error = errno;
  }
  return fail(errc::network, cannot + error_text(error));
}

result<void> datagram_peer::send(std::string_view bytes) {
  while (!impl_->send(bytes)) {
    const auto error = errno;
    if (error == EINTR)
      continue;
    take_kept_errors(impl_->fd.get());
    return fail(errc::network,
                udp_send_fault(error, impl_->where, bytes.size()));
  }
  return {};
}

result<void> datagram_peer::troubles() {
  const auto fd = impl_->fd.get();
  const auto kept = take_kept_errors(fd);
  // It would fail the next call once more.
  auto pending = 0;
  socklen_t size = sizeof(pending);
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &pending, &size);
  if (const auto error = kept != 0 ? kept : pending; error != 0)
    return fail(errc::network, udp_send_fault(error, impl_->where, 0));
  return {};
}

result<std::optional<datagram>> datagram_peer::receive(mono_time deadline) {
  std::array<char, max_answer> buffer; // NOLINT: filled by the kernel
  for (;;) {
    sockaddr_in6 from{};
    socklen_t size = sizeof(from);
    const auto length = recvfrom(impl_->fd.get(), buffer.data(), buffer.size(),
                                 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (length >= 0)
      return datagram{{buffer.data(), static_cast<std::size_t>(length)},
                      to_endpoint(from)};
    if (errno == EINTR)
      continue;
    const auto error = errno;
    const auto kept = take_kept_errors(impl_->fd.get());
    if (error != EAGAIN || kept != 0)
      return fail(errc::network, udp_send_fault(error != EAGAIN ? error : kept,
                                                impl_->where, 0));
    if (!wait_until_ready(impl_->fd, POLLIN, deadline))
      return std::optional<datagram>{};
  }
}

} // namespace signalbox::net
