#include "net/udp_socket.hpp"

#include "net/address.hpp"
#include "net/descriptor.hpp"

#include <climits>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <mutex>
#include <optional>

#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace signalbox::net {

namespace {

constexpr auto max_datagrams = datagram_batch::max_datagrams;

/// Room for the kernel's receive time.
struct alignas(cmsghdr) control_buffer {
  std::array<char, CMSG_SPACE(sizeof(timespec))> bytes;
};

/// Not a vector: pages that no datagram reaches are never touched.
using raw_bytes = char[]; // NOLINT(modernize-avoid-c-arrays)

wall_time to_wall_time(const timespec& x) {
  return wall_time{std::chrono::seconds{x.tv_sec}
                   + std::chrono::nanoseconds{x.tv_nsec}};
}

std::optional<wall_time> kernel_time(msghdr& head) {
  for (auto* x = CMSG_FIRSTHDR(&head); x != nullptr; x = CMSG_NXTHDR(&head, x))
    if (x->cmsg_level == SOL_SOCKET && x->cmsg_type == SCM_TIMESTAMPNS) {
      timespec stamp{};
      std::memcpy(&stamp, CMSG_DATA(x), sizeof(stamp));
      return to_wall_time(stamp);
    }
  return std::nullopt;
}

/// Errors that say something about a peer, or about a moment, but not about
/// the socket: a later call works.
bool passes_by(int error) {
  switch (error) {
  case EAGAIN:
  case EINTR:
  case ECONNREFUSED:
  case EHOSTDOWN:
  case EHOSTUNREACH:
  case ENETDOWN:
  case ENETUNREACH:
  case ENOBUFS:
  case ENOMEM:
  case EPROTO:
    return true;
  default:
    return false;
  }
}

bool set_int(int fd, int level, int name, int value) {
  return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

std::uint64_t receive_buffer_of(int fd) {
  int doubled = 0;
  socklen_t size = sizeof(doubled);
  if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &doubled, &size) != 0)
    return 0;
  return static_cast<std::uint64_t>(doubled) / 2;
}

/// Asks for `bytes`, then as a privileged process beyond the system's limit.
void ask_for_receive_buffer(int fd, std::uint64_t bytes) {
  const auto wanted =
    static_cast<int>(std::min<std::uint64_t>(bytes, INT_MAX / 2));
  set_int(fd, SOL_SOCKET, SO_RCVBUF, wanted);
  if (receive_buffer_of(fd) < static_cast<std::uint64_t>(wanted))
    set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, wanted);
}

std::string advice_for(int error) {
  switch (error) {
  case EADDRINUSE:
    return "the port is in use by another program; stop it or choose another "
           "address";
  case EACCES:
  case EPERM:
    return "this port needs a privilege; choose one above 1023 or grant "
           "CAP_NET_BIND_SERVICE";
  case EADDRNOTAVAIL:
    return "this machine has no such address; choose one of its own, or [::] "
           "for all";
  default:
    return error_text(error);
  }
}

/// A bound socket, or the error number.
tl::expected<descriptor, int> bind_one(const addrinfo& where,
                                       const udp_options& options) {
  descriptor fd{socket(where.ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (!fd)
    return tl::unexpected{errno};
  if (where.ai_family == AF_INET6)
    set_int(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (options.share_port && !set_int(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1))
    return tl::unexpected{errno};
  set_int(fd.get(), SOL_SOCKET, SO_TIMESTAMPNS, 1);
  // Before binding, so that the first datagram already finds the room.
  ask_for_receive_buffer(fd.get(), options.receive_buffer);
  if (::bind(fd.get(), where.ai_addr, where.ai_addrlen) != 0)
    return tl::unexpected{errno};
  return fd;
}

/// Binds the first address that works; tells the first one's error otherwise.
tl::expected<descriptor, int> bind_first(const address_list& addresses,
                                         const udp_options& options) {
  auto first_error = 0;
  for (const auto* x = addresses.get(); x != nullptr; x = x->ai_next) {
    auto fd = bind_one(*x, options);
    if (fd)
      return fd;
    if (first_error == 0)
      first_error = fd.error();
  }
  return tl::unexpected{first_error};
}

/// Asks for room without ever giving up some: a service manager may have given
/// more than this process could ask for.
void ask_for_more_receive_buffer(int fd, const udp_options& options) {
  const auto present = receive_buffer_of(fd);
  if (present >= options.receive_buffer)
    return;
  const descriptor trial{socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  ask_for_receive_buffer(trial.get(), options.receive_buffer);
  if (receive_buffer_of(trial.get()) > present)
    ask_for_receive_buffer(fd, options.receive_buffer);
}

/// Ours alone, blocking, stamped. False, with `errno`, if it cannot be.
bool tune_adopted(int fd) {
  const auto shared = fcntl(fd, F_GETFD);
  const auto flags = fcntl(fd, F_GETFL);
  return shared >= 0 && flags >= 0
         && fcntl(fd, F_SETFD, shared | FD_CLOEXEC) == 0
         // It would not wait otherwise, and turn in circles.
         && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == 0
         && set_int(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
}

std::uint64_t cookie_of(int fd) {
  std::uint64_t cookie = 0;
  socklen_t size = sizeof(cookie);
  getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size);
  return cookie;
}

/// The kernel's counter; `otherwise` where it has none.
std::uint32_t drops_of(int fd, std::uint32_t otherwise) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t size = sizeof(info);
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info.data(), &size) != 0)
    return otherwise;
  return info[SK_MEMINFO_DROPS];
}

bool lacks_ipv6(int error) {
  return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

} // namespace

struct udp_socket::impl {
  impl(descriptor x, const udp_options& options)
    : fd(std::move(x)),
      // Longer than UDP allows needs no room. One byte more than is kept tells
      // the too long from the just fitting.
      stride(std::clamp<std::size_t>(options.max_datagram, 1, 65'535) + 1),
      port(port_of(fd.get())),
      cookie(cookie_of(fd.get())),
      receive_buffer(receive_buffer_of(fd.get())),
      buffer(
        std::make_unique_for_overwrite<raw_bytes>(max_datagrams * stride)) {
    for (std::size_t i = 0; i < max_datagrams; ++i) {
      pieces[i] = {buffer.get() + i * stride, stride};
      auto& head = heads[i].msg_hdr;
      head.msg_iov = &pieces[i];
      head.msg_iovlen = 1;
      head.msg_name = &sources[i];
      head.msg_control = controls[i].bytes.data();
    }
  }

  /// Sets how long a blocking call waits, if that has changed.
  void set_patience(std::chrono::milliseconds x) {
    if (x == patience)
      return;
    const auto s = std::chrono::duration_cast<std::chrono::seconds>(x);
    const std::chrono::microseconds rest = x - s;
    const timeval value{s.count(), rest.count()};
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &value, sizeof(value));
    patience = x;
  }

  int receive(std::chrono::milliseconds x) {
    for (auto& head : heads) {
      head.msg_hdr.msg_namelen = sizeof(sockaddr_in6);
      head.msg_hdr.msg_controllen = sizeof(control_buffer);
    }
    // A time-out of zero would mean to the kernel to wait for ever.
    const auto at_once = x.count() <= 0;
    if (!at_once)
      set_patience(x);
    return recvmmsg(fd.get(), heads.data(), max_datagrams,
                    at_once ? MSG_DONTWAIT : MSG_WAITFORONE, nullptr);
  }

  datagram_batch_ptr to_batch(std::size_t count) {
    const auto now = std::chrono::system_clock::now();
    auto batch = std::make_shared<datagram_batch>();
    batch->items.reserve(count);
    std::size_t total = 0;
    for (std::size_t i = 0; i < count; ++i) {
      auto& item = batch->items.emplace_back();
      const auto length = std::size_t{heads[i].msg_len};
      item.oversized = length >= stride;
      item.offset = static_cast<std::uint32_t>(total);
      item.length = static_cast<std::uint32_t>(std::min(length, stride - 1));
      item.source = to_endpoint(sources[i]);
      item.received = kernel_time(heads[i].msg_hdr).value_or(now);
      total += item.length;
    }
    auto& bytes = batch->bytes;
    bytes.reserve(total + datagram_batch::padding);
    for (std::size_t i = 0; i < count; ++i) {
      const auto* first = buffer.get() + i * stride;
      bytes.insert(bytes.end(), first, first + batch->items[i].length);
    }
    bytes.resize(total + datagram_batch::padding);
    return batch;
  }

  descriptor fd;
  std::size_t stride;
  std::uint16_t port;
  std::uint64_t cookie;
  std::uint64_t receive_buffer;
  std::chrono::milliseconds patience{0};

  std::unique_ptr<raw_bytes> buffer;
  std::array<iovec, max_datagrams> pieces{};
  std::array<sockaddr_in6, max_datagrams> sources{};
  std::array<control_buffer, max_datagrams> controls{};
  std::array<mmsghdr, max_datagrams> heads{};

  std::mutex drops_mutex;
  std::uint32_t drops_seen = 0;
  std::uint64_t drops = 0;
};

udp_socket::udp_socket(std::unique_ptr<impl> x) : impl_(std::move(x)) {
  // nop
}

udp_socket::~udp_socket() = default;

udp_socket::udp_socket(udp_socket&&) noexcept = default;

udp_socket& udp_socket::operator=(udp_socket&&) noexcept = default;

result<udp_socket> udp_socket::bind(const udp_options& options) {
  const auto where =
    "cannot listen on " + host_port(options.host, options.port);
  const auto addresses = resolve(options.host, options.port, AI_PASSIVE);
  if (!addresses)
    return fail(errc::socket, where + ": " + addresses.error());
  auto fd = bind_first(*addresses, options);
  if (!fd && options.host == "::" && lacks_ipv6(fd.error()))
    if (const auto v4 = resolve("0.0.0.0", options.port, AI_PASSIVE))
      fd = bind_first(*v4, options);
  if (!fd)
    return fail(errc::socket, where + ": " + advice_for(fd.error()));
  return udp_socket{std::make_unique<impl>(std::move(*fd), options)};
}

result<udp_socket> udp_socket::adopt(descriptor fd,
                                     const udp_options& options) {
  if (!tune_adopted(fd.get()))
    return fail(errc::socket, "cannot take over the socket for "
                                + host_port(options.host, options.port) + ": "
                                + error_text(errno));
  ask_for_more_receive_buffer(fd.get(), options);
  auto x = std::make_unique<impl>(std::move(fd), options);
  x->drops_seen = drops_of(x->fd.get(), 0);
  return udp_socket{std::move(x)};
}

result<datagram_batch_ptr>
udp_socket::receive(std::chrono::milliseconds patience) {
  const auto count = impl_->receive(patience);
  if (count > 0)
    return impl_->to_batch(static_cast<std::size_t>(count));
  if (count == 0 || passes_by(errno))
    return datagram_batch_ptr{};
  return fail(errc::socket, "cannot receive on port "
                              + std::to_string(impl_->port) + ": "
                              + error_text(errno));
}

std::uint64_t udp_socket::kernel_drops() {
  const std::lock_guard lock{impl_->drops_mutex};
  const auto now = drops_of(impl_->fd.get(), impl_->drops_seen);
  // Unsigned, so that the difference holds across the counter's overflow.
  impl_->drops += now - impl_->drops_seen;
  impl_->drops_seen = now;
  return impl_->drops;
}

std::uint32_t udp_socket::raw_drops() const {
  const std::lock_guard lock{impl_->drops_mutex};
  return impl_->drops_seen;
}

void udp_socket::drops_seen_before(std::uint32_t raw) {
  const std::lock_guard lock{impl_->drops_mutex};
  // Less than half of the counter's circle: it is ahead of `raw`.
  if (impl_->drops_seen - raw <= std::numeric_limits<std::int32_t>::max())
    impl_->drops_seen = raw;
}

std::uint64_t udp_socket::cookie() const {
  return impl_->cookie;
}

std::uint16_t udp_socket::port() const {
  return impl_->port;
}

std::uint64_t udp_socket::receive_buffer() const {
  return impl_->receive_buffer;
}

} // namespace signalbox::net
