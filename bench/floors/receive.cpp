#include "bench/floors/receive.hpp"

#include <simdjson.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace signalbox::bench {

namespace {

constexpr std::size_t batch_size = 64;
constexpr std::size_t longest = 2048; ///< Bytes; the load's are much shorter.

/// Reads every value of an object; returns what the compiler may not leave out.
std::size_t read_fields(simdjson::ondemand::object object) {
  std::size_t sum = 0;
  for (auto field : object) {
    sum += std::string_view{field.unescaped_key()}.size();
    simdjson::ondemand::value value{field.value()};
    if (value.type() == simdjson::ondemand::json_type::object)
      sum += read_fields(value);
    else
      sum += std::string_view{value.get_string()}.size();
  }
  return sum;
}

class receiver {
public:
  receiver(int socket, const receive_work& work)
    : socket_(socket), work_(work), room_(batch_size * longest) {
    for (std::size_t i = 0; i < batch_size; ++i) {
      parts_[i] = {room_.data() + i * longest, longest};
      headers_[i].msg_hdr.msg_iov = &parts_[i];
      headers_[i].msg_hdr.msg_iovlen = 1;
    }
    if (work.file.empty())
      return;
    out_ = ::open(work.file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                  0600);
    if (out_ < 0)
      ::_exit(1);
    text_.assign(static_cast<std::size_t>(work.bytes * batch_size) + 1, 'x');
  }

  [[noreturn]] void run(shared_counter& received) {
    for (;;) {
      const int n = ::recvmmsg(socket_, headers_.data(), batch_size,
                               MSG_WAITFORONE, nullptr);
      if (n < 0)
        ::_exit(1);
      const auto count = static_cast<std::size_t>(n);
      if (work_.read_json)
        read(count);
      if (out_ >= 0)
        write(count);
      received.add(count);
    }
  }

private:
  void read(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      auto document =
        json_.iterate(room_.data() + i * longest, headers_[i].msg_len, longest);
      if (read_fields(document.get_object()) == 0)
        ::_exit(1);
    }
  }

  void write(std::size_t count) {
    due_ += work_.bytes * static_cast<double>(count);
    const auto size = static_cast<std::size_t>(due_);
    due_ -= static_cast<double>(size);
    if (::write(out_, text_.data(), size) != static_cast<ssize_t>(size))
      ::_exit(1);
  }

  int socket_;
  receive_work work_;
  std::vector<char> room_;
  std::array<iovec, batch_size> parts_{};
  std::array<mmsghdr, batch_size> headers_{};
  simdjson::ondemand::parser json_;
  int out_ = -1;
  std::string text_;
  double due_ = 0; ///< Bytes to write, less than one after each batch.
};

} // namespace

result<floor_socket> floor_socket::bind() {
  floor_socket x;
  x.fd_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (x.fd_ < 0 || ::bind(x.fd_, raw, size) != 0
      || ::getsockname(x.fd_, raw, &size) != 0)
    return fail(errc::socket, "cannot bind a UDP socket: "
                                + std::system_category().message(errno));
  x.port_ = ntohs(address.sin_port);
  const int buffer = 8 << 20;
  if (::setsockopt(x.fd_, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer)
      != 0)
    ::setsockopt(x.fd_, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  return x;
}

floor_socket::floor_socket(floor_socket&& other) noexcept
  : fd_(std::exchange(other.fd_, -1)), port_(other.port_) {
  // nop
}

floor_socket::~floor_socket() {
  if (fd_ >= 0)
    ::close(fd_);
}

receive_floor::receive_floor(floor_socket socket, shared_counter received,
                             child process)
  : socket_(std::move(socket)),
    received_(std::move(received)),
    process_(std::move(process)) {
  // nop
}

result<receive_floor> receive_floor::start(const receive_work& work) {
  auto socket = floor_socket::bind();
  if (!socket)
    return tl::unexpected(socket.error());
  auto received = shared_counter::make();
  if (!received)
    return tl::unexpected(received.error());
  auto process = child::fork([&] {
    receiver{socket->fd(), work}.run(*received);
  });
  if (!process)
    return tl::unexpected(process.error());
  return receive_floor{*std::move(socket), *std::move(received),
                       *std::move(process)};
}

} // namespace signalbox::bench
