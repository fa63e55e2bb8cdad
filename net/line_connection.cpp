#include "net/line_connection.hpp"

#include "net/address.hpp"
#include "net/descriptor.hpp"
#include "net/name_lookup.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <poll.h>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace signalbox::net {

namespace {

using std::chrono::steady_clock;

/// A connected socket, or the error number.
tl::expected<descriptor, int> connect_one(const addrinfo& where,
                                          mono_time deadline) {
  descriptor fd{
    socket(where.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!fd)
    return tl::unexpected{errno};
  const auto on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (connect(fd.get(), where.ai_addr, where.ai_addrlen) == 0)
    return fd;
  if (errno != EINPROGRESS)
    return tl::unexpected{errno};
  if (!wait_until_ready(fd, POLLOUT, deadline))
    return tl::unexpected{ETIMEDOUT};
  auto error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0)
    error = errno;
  if (error != 0)
    return tl::unexpected{error};
  return fd;
}

std::string words_for(int error) {
  switch (error) {
  case ECONNREFUSED:
    return "nobody listens there";
  case ETIMEDOUT:
    return "no answer in time";
  default:
    return error_text(error);
  }
}

} // namespace

struct line_connection::impl {
  descriptor fd;
  std::string where;
  std::string read; ///< Beyond the last line that was returned.

  [[nodiscard]] tl::unexpected<failure> lost(const std::string& why) const {
    return fail(errc::network,
                "the connection to " + where + " failed: " + why);
  }

  /// Takes a line from what was read; false when there is no whole one.
  bool take_line(std::string& line) {
    const auto end = read.find('\n');
    if (end == std::string::npos)
      return false;
    line = read.substr(0, end);
    read.erase(0, end + 1);
    if (line.ends_with('\r'))
      line.pop_back();
    return true;
  }
};

line_connection::line_connection(std::unique_ptr<impl> x)
  : impl_(std::move(x)) {
  // nop
}

line_connection::~line_connection() = default;

line_connection::line_connection(line_connection&&) noexcept = default;

line_connection&
line_connection::operator=(line_connection&&) noexcept = default;

result<line_connection> line_connection::open(const std::string& host,
                                              std::uint16_t port,
                                              mono_time deadline) {
  auto where = host_port(host, port);
  const auto cannot = "cannot connect to " + where + ": ";
  const auto addresses = resolve_until(host, port, deadline);
  if (!addresses)
    return fail(errc::network, cannot + addresses.error());
  auto count = 0;
  for (const auto* x = addresses->get(); x != nullptr; x = x->ai_next)
    ++count;
  auto error = 0;
  for (const auto* x = addresses->get(); x != nullptr; x = x->ai_next) {
    // The time is shared, so that an address that is silent leaves some to the
    // next one.
    const auto now = steady_clock::now();
    auto fd = connect_one(*x, now + (deadline - now) / count--);
    if (fd) {
      auto made = std::make_unique<impl>();
      made->fd = std::move(*fd);
      made->where = std::move(where);
      return line_connection{std::move(made)};
    }
    error = fd.error();
  }
  return fail(errc::network, cannot + words_for(error));
}

result<void> line_connection::send(std::string_view text, mono_time deadline) {
  while (!text.empty()) {
    const auto sent =
      ::send(impl_->fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno != EAGAIN && errno != EINTR)
      return impl_->lost(error_text(errno));
    if (!wait_until_ready(impl_->fd, POLLOUT, deadline))
      return impl_->lost("it takes no more");
  }
  return {};
}

result<std::string> line_connection::read_line(mono_time deadline) {
  std::string line;
  std::array<char, 4'096> buffer; // NOLINT: filled by the kernel
  while (!impl_->take_line(line)) {
    if (impl_->read.size() > max_line)
      return impl_->lost("it sent a line that does not end");
    // First, as someone who never stops talking is always ready.
    if (steady_clock::now() >= deadline
        || !wait_until_ready(impl_->fd, POLLIN, deadline))
      return impl_->lost("no answer in time");
    const auto length = recv(impl_->fd.get(), buffer.data(), buffer.size(), 0);
    if (length == 0)
      return impl_->lost("it was closed by the other side");
    if (length > 0)
      impl_->read.append(buffer.data(), static_cast<std::size_t>(length));
    else if (errno != EAGAIN && errno != EINTR)
      return impl_->lost(error_text(errno));
  }
  return line;
}

} // namespace signalbox::net
