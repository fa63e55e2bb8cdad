#include "bench/load/datagram_source.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

namespace signalbox::bench {

namespace {

/// Datagrams of a call: what sendmmsg takes well, and UDP_MAX_SEGMENTS of
/// kernels before 6.2.
constexpr std::size_t max_batch = 64;

/// Bytes of a call: an IPv4 packet's, less both headers.
constexpr std::size_t max_bytes = 65'507;

auto failed(const char* what, int error) {
  return fail(errc::socket, std::string{"the load generator cannot "} + what
                              + ": " + std::system_category().message(error));
}

} // namespace

struct datagram_source::impl {
  int fd = -1;
  bool segmented = false;
  std::string bytes;    ///< All datagrams, back to back.
  std::size_t size = 0; ///< Of each, when segmented.
  std::vector<iovec> pieces;
  std::vector<mmsghdr> heads;
  std::size_t at = 0; ///< The next datagram.

  ~impl() {
    if (fd >= 0)
      ::close(fd);
  }

  /// Like `datagram_source::send`, or -1 with `errno`.
  ssize_t send(std::size_t most) {
    const auto n = std::min({most, max_batch, pieces.size() - at});
    if (!segmented)
      return ::sendmmsg(fd, heads.data() + at, static_cast<unsigned>(n), 0);
    const auto fits = std::min(n, max_bytes / size);
    const auto sent = ::send(fd, bytes.data() + at * size, fits * size, 0);
    return sent < 0 ? sent : sent / static_cast<ssize_t>(size);
  }
};

datagram_source::datagram_source(std::unique_ptr<impl> x)
  : impl_(std::move(x)) {
  // nop
}

datagram_source::datagram_source(datagram_source&&) noexcept = default;

datagram_source::~datagram_source() = default;

result<datagram_source>
datagram_source::connect(std::uint16_t port,
                         const std::vector<std::string>& datagrams,
                         bool segmented) {
  auto x = std::make_unique<impl>();
  x->segmented = segmented;
  for (const auto& text : datagrams)
    x->bytes += text;
  x->size = datagrams.front().size();
  auto* next = x->bytes.data();
  for (const auto& text : datagrams) {
    x->pieces.push_back({next, text.size()});
    next += text.size();
  }
  x->heads.resize(x->pieces.size());
  for (std::size_t i = 0; i < x->pieces.size(); ++i) {
    x->heads[i].msg_hdr.msg_iov = &x->pieces[i];
    x->heads[i].msg_hdr.msg_iovlen = 1;
  }
  x->fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (x->fd < 0
      || ::connect(x->fd, reinterpret_cast<const sockaddr*>(&to), sizeof to)
           != 0)
    return failed("connect", errno);
  const auto segment = static_cast<int>(x->size);
  if (segmented
      && ::setsockopt(x->fd, SOL_UDP, UDP_SEGMENT, &segment, sizeof segment)
           != 0)
    return failed("use UDP GSO", errno);
  return datagram_source{std::move(x)};
}

result<std::uint64_t> datagram_source::send(std::uint64_t most) {
  for (;;) {
    const auto n = impl_->send(most);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return failed("send", errno);
    impl_->at =
      (impl_->at + static_cast<std::size_t>(n)) % impl_->pieces.size();
    return static_cast<std::uint64_t>(n);
  }
}

} // namespace signalbox::bench
