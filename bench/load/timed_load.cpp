#include "bench/load/timed_load.hpp"

#include "bench/load/samples.hpp"
#include "net/descriptor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <ctime>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using clock = std::chrono::steady_clock; // CLOCK_MONOTONIC

constexpr auto step = 100us;
constexpr std::size_t max_burst = 64; ///< Datagrams of a call.
constexpr std::size_t digits = 19;    ///< Of any time, with leading zeros.

auto failed(const char* what) {
  return fail(errc::socket, std::string{"the load generator cannot "} + what
                              + ": " + std::system_category().message(errno));
}

/// Sample datagrams with room for the time.
class stamped_datagrams {
public:
  stamped_datagrams() : texts_(sample_datagrams()) {
    for (auto& text : texts_) {
      // In front of the user agent, which readers take from there to the end.
      const auto at = text.find(" UserAgent:");
      text.insert(at, fmt::format(" {}{:0{}}", sent_mark, 0, digits));
      stamps_.push_back(at + 1 + sent_mark.size());
    }
    parts_.resize(texts_.size());
    heads_.resize(texts_.size());
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      parts_[i] = {texts_[i].data(), texts_[i].size()};
      heads_[i].msg_hdr.msg_iov = &parts_[i];
      heads_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  /// Sends up to `most`, all with the time of now; -1 with `errno`.
  int send(int socket, std::size_t most) {
    const auto n = std::min({most, max_burst, texts_.size() - next_});
    auto now = clock::now().time_since_epoch().count();
    std::string stamp(digits, '0');
    for (auto i = digits; i > 0; now /= 10)
      stamp[--i] = static_cast<char>('0' + now % 10);
    for (auto i = next_; i < next_ + n; ++i)
      std::ranges::copy(stamp, texts_[i].data() + stamps_[i]);
    const int sent =
      ::sendmmsg(socket, heads_.data() + next_, static_cast<unsigned>(n), 0);
    if (sent > 0)
      next_ = (next_ + static_cast<std::size_t>(sent)) % texts_.size();
    return sent;
  }

private:
  std::vector<std::string> texts_;
  std::vector<std::size_t> stamps_; ///< Where each has its digits.
  std::vector<iovec> parts_;
  std::vector<mmsghdr> heads_;
  std::size_t next_ = 0;
};

void sleep_until(nanoseconds at) {
  const timespec x{at / 1s, (at % 1s).count()};
  while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &x, nullptr)
         == EINTR) {
    // A signal came early.
  }
}

result<net::descriptor> connect_to(std::uint16_t port) {
  net::descriptor fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!fd
      || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to)
           != 0)
    return failed("connect");
  return fd;
}

} // namespace

result<std::uint64_t> send_timed_load(const timed_plan& plan) {
  const auto socket = connect_to(plan.port);
  if (!socket)
    return tl::unexpected(socket.error());
  stamped_datagrams datagrams;
  // The kernel may otherwise wake a sleeper 50 µs late to save wake-ups.
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  const auto total =
    plan.rate * static_cast<std::uint64_t>(plan.length.count()) / 1000;
  const auto distance =
    std::max<nanoseconds>(step, nanoseconds{1s} / static_cast<long>(plan.rate));
  const auto start = clock::now().time_since_epoch();
  std::uint64_t sent = 0;
  for (auto tick = start; sent < total; tick += distance) {
    sleep_until(tick);
    const auto elapsed =
      std::chrono::duration<double>{tick - start + distance}.count();
    const auto due =
      std::min(total, static_cast<std::uint64_t>(std::llround(
                        static_cast<double>(plan.rate) * elapsed)));
    while (sent < due) {
      const auto n = datagrams.send(socket->get(), due - sent);
      if (n < 0)
        return failed("send");
      sent += static_cast<std::uint64_t>(n);
    }
  }
  return sent;
}

} // namespace signalbox::bench
