#include "bench/floor.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace signalbox::bench {

namespace {

constexpr std::size_t batch_size = 64;
constexpr std::size_t longest = 2048; ///< Bytes; the load's are shorter.

} // namespace

floor_socket::~floor_socket() {
  if (fd >= 0)
    ::close(fd);
}

result<floor_socket> bind_floor() {
  floor_socket x;
  x.fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (x.fd < 0 || ::bind(x.fd, raw, size) != 0
      || ::getsockname(x.fd, raw, &size) != 0)
    return fail(errc::socket, std::system_category().message(errno));
  x.port = ntohs(address.sin_port);
  const int buffer = 8 << 20;
  if (::setsockopt(x.fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer)
      != 0)
    ::setsockopt(x.fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  return x;
}

void run_floor(const floor_socket& socket, const std::string& path,
               std::atomic<std::uint64_t>& received) {
  const int out =
    ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (out < 0)
    ::_exit(1);
  std::vector<char> room(batch_size * longest);
  std::vector<char> lines(batch_size * (longest + 1));
  std::array<iovec, batch_size> parts{};
  std::array<mmsghdr, batch_size> headers{};
  for (std::size_t i = 0; i < batch_size; ++i) {
    parts[i] = {room.data() + i * longest, longest};
    headers[i].msg_hdr.msg_iov = &parts[i];
    headers[i].msg_hdr.msg_iovlen = 1;
  }
  for (;;) {
    const int n = ::recvmmsg(socket.fd, headers.data(), batch_size,
                             MSG_WAITFORONE, nullptr);
    if (n < 0)
      ::_exit(1);
    char* end = lines.data();
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
      std::memcpy(end, parts[i].iov_base, headers[i].msg_len);
      end += headers[i].msg_len;
      *end++ = '\n';
    }
    const auto size = static_cast<std::size_t>(end - lines.data());
    if (::write(out, lines.data(), size) != static_cast<ssize_t>(size))
      ::_exit(1);
    received += static_cast<std::uint64_t>(n);
  }
}

} // namespace signalbox::bench
