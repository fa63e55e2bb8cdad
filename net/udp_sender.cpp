#include "net/udp_sender.hpp"

#include "net/address.hpp"
#include "net/descriptor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>

#include <sys/socket.h>

namespace signalbox::net {

namespace {

constexpr std::size_t max_batch = 64;

/// How often a full queue of the network device is asked again, every
/// millisecond, before the batch is given up.
constexpr int max_retries = 1'000;

} // namespace

struct udp_sender::impl {
  descriptor fd;
  std::string where;
  std::array<iovec, max_batch> pieces{};
  std::array<mmsghdr, max_batch> heads{};

  /// Hands over one batch as far as the kernel takes it.
  /// @returns How many it took, or -1 with `errno`.
  int send(std::span<const std::string_view> datagrams) {
    const auto count = std::min(datagrams.size(), max_batch);
    for (std::size_t i = 0; i < count; ++i) {
      // sendmmsg only reads, but shares its type with recvmmsg.
      pieces[i] = {const_cast<char*>(datagrams[i].data()), datagrams[i].size()};
      heads[i].msg_hdr.msg_iov = &pieces[i];
      heads[i].msg_hdr.msg_iovlen = 1;
    }
    return sendmmsg(fd.get(), heads.data(), static_cast<unsigned>(count),
                    MSG_NOSIGNAL);
  }
};

udp_sender::udp_sender(std::unique_ptr<impl> x) : impl_(std::move(x)) {
  // nop
}

udp_sender::~udp_sender() = default;

udp_sender::udp_sender(udp_sender&&) noexcept = default;

udp_sender& udp_sender::operator=(udp_sender&&) noexcept = default;

result<udp_sender> udp_sender::connect(const std::string& host,
                                       std::uint16_t port) {
  auto where = host_port(host, port);
  const auto addresses = resolve(host, port, 0);
  if (!addresses)
    return fail(errc::network,
                "cannot send to " + where + ": " + addresses.error());
  auto error = 0;
  for (const auto* x = addresses->get(); x != nullptr; x = x->ai_next) {
    descriptor fd{socket(x->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    if (fd && ::connect(fd.get(), x->ai_addr, x->ai_addrlen) == 0) {
      auto made = std::make_unique<impl>();
      made->fd = std::move(fd);
      made->where = std::move(where);
      return udp_sender{std::move(made)};
    }
    error = errno;
  }
  return fail(errc::network,
              "cannot send to " + where + ": " + error_text(error));
}

result<std::size_t>
udp_sender::send(std::span<const std::string_view> datagrams) {
  std::size_t sent = 0;
  auto retries = 0;
  while (sent < datagrams.size()) {
    const auto rest = datagrams.subspan(sent);
    if (const auto count = impl_->send(rest); count >= 0) {
      sent += static_cast<std::size_t>(count);
      retries = 0;
      continue;
    }
    const auto error = errno;
    if (error == EINTR)
      continue;
    if ((error == ENOBUFS || error == EAGAIN) && ++retries < max_retries) {
      // A full device queue is not the socket's, so there is no readiness to
      // wait for: this only lets a millisecond pass.
      poll(nullptr, 0, 1);
      continue;
    }
    if (sent > 0)
      break;
    return fail(errc::network,
                udp_send_fault(error, impl_->where, rest.front().size()));
  }
  return sent;
}

} // namespace signalbox::net
