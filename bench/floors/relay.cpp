#include "bench/floors/relay.hpp"

#include "bench/floors/receive.hpp"
#include "bench/sinks/tcp.hpp"

#include <algorithm>
#include <array>
#include <unistd.h>
#include <utility>
#include <vector>

#include <sys/socket.h>

namespace signalbox::bench {

namespace {

constexpr std::size_t batch_size = 64;
constexpr std::size_t longest = 2048; ///< Bytes; the load's are much shorter.

[[noreturn]] void run(int from, int to) {
  std::vector<char> room(batch_size * longest);
  std::array<iovec, batch_size> parts{};
  std::array<mmsghdr, batch_size> headers{};
  for (std::size_t i = 0; i < batch_size; ++i) {
    parts[i] = {room.data() + i * longest, longest - 1};
    headers[i].msg_hdr.msg_iov = &parts[i];
    headers[i].msg_hdr.msg_iovlen = 1;
  }
  std::vector<char> lines(room.size());
  for (;;) {
    const int n =
      ::recvmmsg(from, headers.data(), batch_size, MSG_WAITFORONE, nullptr);
    if (n < 0)
      ::_exit(1);
    auto* end = lines.data();
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
      const auto* text = room.data() + i * longest;
      end = std::copy(text, text + headers[i].msg_len, end);
      *end++ = '\n';
    }
    const auto size = end - lines.data();
    // The socket blocks, so that all is written.
    if (::send(to, lines.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL)
        != size)
      ::_exit(1);
  }
}

} // namespace

relay_floor::relay_floor(std::uint16_t port, child process)
  : port_(port), process_(std::move(process)) {
  // nop
}

result<relay_floor> relay_floor::start(std::uint16_t to) {
  const auto from = floor_socket::bind();
  if (!from)
    return tl::unexpected(from.error());
  const auto out = connect_to(to);
  if (!out)
    return tl::unexpected(out.error());
  auto process = child::fork([&] { run(from->fd(), out->get()); });
  if (!process)
    return tl::unexpected(process.error());
  return relay_floor{from->port(), *std::move(process)};
}

} // namespace signalbox::bench
