#include "net/inherited_sockets.hpp"
#include "net/udp_sender.hpp"
#include "net/udp_socket.hpp"
#include "tests/net/child_process.hpp"

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <exception>
#include <functional>

using namespace signalbox;
using namespace std::chrono_literals;
using net::descriptor;
using net::inherited_sockets;
using net::udp_options;
using net::udp_sender;
using net::udp_socket;

namespace {

constexpr auto patience = 10'000ms;

constexpr auto dual_stack = 0;
constexpr auto ipv6_only = 1;

/// A socket as systemd makes it: bound, and not blocking.
descriptor make_socket(const sockaddr_in6& name, int type, int v6only) {
  descriptor fd{socket(name.sin6_family, type | SOCK_NONBLOCK, 0)};
  const auto on = 1;
  if (name.sin6_family == AF_INET6)
    setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &v6only, sizeof(v6only));
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name))
      != 0)
    return {};
  return fd;
}

/// @param v6only Without a meaning for IPv4.
descriptor bound(const std::string& host, std::uint16_t port,
                 int v6only = dual_stack, int type = SOCK_DGRAM) {
  sockaddr_in6 name{};
  if (inet_pton(AF_INET6, host.c_str(), &name.sin6_addr) == 1) {
    name.sin6_family = AF_INET6;
    name.sin6_port = htons(port);
    return make_socket(name, type, v6only);
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  BOOST_REQUIRE(inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1);
  std::memcpy(&name, &v4, sizeof(v4));
  return make_socket(name, type, v6only);
}

std::uint16_t port_of(const descriptor& fd) {
  sockaddr_in6 name{};
  socklen_t size = sizeof(name);
  BOOST_REQUIRE(getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &size)
                == 0);
  return ntohs(name.sin6_port); // Where IPv4 has it, too.
}

std::uint64_t cookie_of(int fd) {
  std::uint64_t cookie = 0;
  socklen_t size = sizeof(cookie);
  getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size);
  return cookie;
}

bool has_ipv6() {
  return static_cast<bool>(bound("::1", 0));
}

/// The same socket, as another process would hold it.
descriptor again(const descriptor& fd) {
  return descriptor{dup(fd.get())};
}

template <class... Descriptors>
inherited_sockets pass(Descriptors... fds) {
  std::vector<inherited_sockets::passed> all;
  (all.push_back({std::move(fds), "signalbox.socket"}), ...);
  return inherited_sockets{std::move(all)};
}

udp_socket must_adopt(descriptor fd, const udp_options& options = {}) {
  auto x = udp_socket::adopt(std::move(fd), options);
  BOOST_REQUIRE_MESSAGE(x.has_value(), x.error().what);
  return std::move(*x);
}

udp_sender must_connect(std::uint16_t port) {
  auto x = udp_sender::connect("127.0.0.1", port);
  BOOST_REQUIRE_MESSAGE(x.has_value(), x.error().what);
  return std::move(*x);
}

void must_send(udp_sender& sender, std::string_view text) {
  const auto sent = sender.send(std::array{text});
  BOOST_REQUIRE_MESSAGE(sent.has_value(), sent.error().what);
  BOOST_REQUIRE(*sent == 1U);
}

datagram_batch_ptr must_receive(udp_socket& socket) {
  auto x = socket.receive(patience);
  BOOST_REQUIRE_MESSAGE(x.has_value(), x.error().what);
  BOOST_REQUIRE(*x != nullptr);
  return *x;
}

std::string texts_of(const datagram_batch& batch) {
  std::string all;
  for (const auto& x : batch.items)
    all += std::string{batch.text_of(x)} + ";";
  return all;
}

bool tells(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

/// Runs `what` in a child, whose descriptors from 3 on are `passed`, with the
/// environment that systemd makes, and returns what it answers.
/// Descriptors that the parent had at 3 and on mean something else in there.
/// @param count What LISTEN_FDS says; `passed` is as many if it is empty.
std::string in_child(const std::vector<int>& passed,
                     const std::function<std::string()>& what,
                     std::string count = {}) {
  std::array<int, 2> ends{};
  BOOST_REQUIRE(pipe(ends.data()) == 0);
  const auto child = fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    // Out of the way first, as some may stand where another one goes.
    constexpr auto far = 200;
    const auto answer = fcntl(ends[1], F_DUPFD, far);
    std::vector<int> moved;
    for (const auto fd : passed)
      moved.push_back(fcntl(fd, F_DUPFD_CLOEXEC, far));
    auto at = 3;
    for (const auto fd : moved)
      dup2(fd, at++);
    if (count.empty())
      count = std::to_string(passed.size());
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    setenv("LISTEN_FDS", count.c_str(), 1);
    unsetenv("LISTEN_FDNAMES");
    std::string text;
    try {
      text = what();
    } catch (const std::exception& e) {
      text = e.what();
    }
    const auto written = write(answer, text.data(), text.size());
    _exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  close(ends[1]);
  std::string text;
  std::array<char, 512> piece{};
  for (;;) {
    const auto n = read(ends[0], piece.data(), piece.size());
    if (n <= 0)
      break;
    text.append(piece.data(), static_cast<std::size_t>(n));
  }
  close(ends[0]);
  auto status = 0;
  BOOST_REQUIRE(waitpid(child, &status, 0) == child);
  BOOST_TEST(status == 0);
  return text;
}

/// What a process does that systemd starts: take, claim, adopt, receive once.
std::string claim_and_receive(std::uint16_t port) {
  auto sockets = inherited_sockets::take();
  if (!sockets)
    return sockets.error().what;
  auto fd = sockets->claim("127.0.0.1", port);
  if (!fd)
    return "nothing to claim";
  auto socket = udp_socket::adopt(std::move(*fd), {});
  if (!socket)
    return socket.error().what;
  const auto batch = socket->receive(0ms);
  return batch && *batch ? texts_of(**batch) : "nothing received";
}

} // namespace

BOOST_AUTO_TEST_CASE(takes_nothing_when_nothing_is_passed) {
  for (const auto* x : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
    unsetenv(x);
  auto sockets = inherited_sockets::take();
  BOOST_REQUIRE(sockets.has_value());
  BOOST_TEST(sockets->unclaimed().empty());
  BOOST_TEST(!sockets->claim("::", 9997));
}

BOOST_AUTO_TEST_CASE(leaves_alone_what_is_passed_to_another_process) {
  setenv("LISTEN_PID", std::to_string(getppid()).c_str(), 1);
  setenv("LISTEN_FDS", "1", 1);
  const auto sockets = inherited_sockets::take();
  BOOST_REQUIRE(sockets.has_value());
  BOOST_TEST(sockets->unclaimed().empty());
}

BOOST_AUTO_TEST_CASE(a_restart_loses_no_datagram) {
  const auto held = bound("127.0.0.1", 0);
  const auto port = port_of(held);
  auto sender = must_connect(port);
  const auto one_life = [&] {
    return in_child({held.get()}, [&] { return claim_and_receive(port); });
  };
  must_send(sender, "before the first");
  BOOST_TEST(one_life() == "before the first;");
  must_send(sender, "between");
  must_send(sender, "them");
  BOOST_TEST(one_life() == "between;them;");
  BOOST_TEST(one_life() == "nothing received");
}

BOOST_AUTO_TEST_CASE(takes_several_and_clears_the_environment) {
  const auto first = bound("127.0.0.1", 0);
  const auto second = bound("127.0.0.2", 0);
  const auto port = port_of(first);
  const auto answer = in_child({first.get(), second.get()}, [&] {
    setenv("LISTEN_FDNAMES", "one.socket:two.socket", 1);
    auto sockets = inherited_sockets::take();
    if (!sockets)
      return sockets.error().what;
    if (getenv("LISTEN_FDS") != nullptr || getenv("LISTEN_PID") != nullptr)
      return std::string{"the environment is not clear"};
    if (!sockets->claim("127.0.0.1", port))
      return std::string{"the first one is not there"};
    return sockets->unclaimed().at(0);
  });
  BOOST_TEST(tells(answer, "127.0.0.2:" + std::to_string(port_of(second))
                             + " of two.socket"),
             answer);
}

BOOST_AUTO_TEST_CASE(tells_that_what_is_passed_makes_no_sense) {
  const auto answer = in_child(
    {},
    [] {
      const auto sockets = inherited_sockets::take();
      return sockets ? "taken" : sockets.error().what;
    },
    "many");
  BOOST_TEST(tells(answer, "LISTEN_FDS"), answer);
}

BOOST_AUTO_TEST_CASE(claims_the_socket_of_exactly_that_address_and_port) {
  auto held = bound("127.0.0.1", 0);
  const auto port = port_of(held);
  const auto cookie = cookie_of(held.get());
  auto sockets = pass(bound("127.0.0.2", port), std::move(held));
  BOOST_TEST(!sockets.claim("127.0.0.3", port));
  BOOST_TEST(!sockets.claim("0.0.0.0", port));
  BOOST_TEST(!sockets.claim("::", port));
  BOOST_TEST(!sockets.claim("127.0.0.1", static_cast<std::uint16_t>(port ^ 1)));
  BOOST_TEST(!sockets.claim("127.0.0.1", 0));
  BOOST_TEST(!sockets.claim("signalbox.invalid", port));
  const auto fd = sockets.claim("127.0.0.1", port);
  BOOST_REQUIRE(fd.has_value());
  BOOST_TEST(cookie_of(fd->get()) == cookie);
  BOOST_TEST(!sockets.claim("127.0.0.1", port));
  BOOST_TEST(sockets.unclaimed().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_listener_may_be_named) {
  auto held = bound("127.0.0.1", 0);
  const auto port = port_of(held);
  BOOST_TEST(pass(std::move(held)).claim("localhost", port).has_value());
}

BOOST_AUTO_TEST_CASE(a_wildcard_takes_its_own_family_first) {
  if (!has_ipv6())
    return;
  const auto v4 = bound("0.0.0.0", 0);
  const auto port = port_of(v4);
  const auto v6 = bound("::", port, ipv6_only);
  const auto local = bound("::1", port);
  BOOST_REQUIRE(v6);
  BOOST_REQUIRE(local);
  auto sockets = pass(again(local), again(v4), again(v6));
  const auto first = sockets.claim("::", port);
  BOOST_REQUIRE(first.has_value());
  BOOST_TEST(cookie_of(first->get()) == cookie_of(v6.get()));
  const auto second = sockets.claim("::", port);
  BOOST_REQUIRE(second.has_value());
  BOOST_TEST(cookie_of(second->get()) == cookie_of(v4.get()));
  BOOST_TEST(!sockets.claim("::", port));
}

BOOST_AUTO_TEST_CASE(a_wildcard_takes_what_serves_both_families_first) {
  if (!has_ipv6())
    return;
  const auto dual = bound("::", 0);
  const auto port = port_of(dual);
  const auto single = bound("::", port, ipv6_only);
  BOOST_REQUIRE(single);
  auto sockets = pass(again(single), again(dual));
  const auto first = sockets.claim("::", port);
  BOOST_REQUIRE(first.has_value());
  BOOST_TEST(cookie_of(first->get()) == cookie_of(dual.get()));
}

BOOST_AUTO_TEST_CASE(an_ipv4_wildcard_never_hears_ipv6) {
  if (!has_ipv6())
    return;
  auto dual = bound("::", 0);
  const auto port = port_of(dual);
  auto sockets = pass(std::move(dual));
  BOOST_TEST(!sockets.claim("0.0.0.0", port));
  BOOST_TEST(!sockets.claim("127.0.0.1", port));
  BOOST_TEST(!sockets.claim("::1", port));
  BOOST_TEST(sockets.claim("::", port).has_value());
}

BOOST_AUTO_TEST_CASE(workers_claim_their_sockets_one_by_one) {
  auto first = bound("127.0.0.1", 0);
  const auto port = port_of(first);
  auto sockets =
    pass(std::move(first), bound("127.0.0.1", port), bound("127.0.0.1", port));
  const auto a = sockets.claim("127.0.0.1", port);
  const auto b = sockets.claim("127.0.0.1", port);
  BOOST_REQUIRE(a.has_value());
  BOOST_REQUIRE(b.has_value());
  BOOST_TEST(cookie_of(a->get()) != cookie_of(b->get()));
  const auto rest = sockets.unclaimed();
  BOOST_REQUIRE(rest.size() == 1U);
  BOOST_TEST(rest.front()
             == "what arrives at 127.0.0.1:" + std::to_string(port)
                  + " of signalbox.socket is not read: no listener has this "
                    "address, or it has fewer workers than there are sockets");
}

BOOST_AUTO_TEST_CASE(refuses_by_name_what_is_no_udp_socket) {
  auto stream = bound("127.0.0.1", 0, dual_stack, SOCK_STREAM);
  const auto port = port_of(stream);
  auto sockets =
    pass(std::move(stream), descriptor{socket(AF_UNIX, SOCK_DGRAM, 0)},
         descriptor{socket(AF_INET, SOCK_DGRAM, 0)},
         descriptor{open("/dev/null", O_RDONLY)});
  BOOST_TEST(!sockets.claim("127.0.0.1", port));
  const auto rest = sockets.unclaimed();
  BOOST_REQUIRE(rest.size() == 4U);
  BOOST_TEST(rest[0]
             == "127.0.0.1:" + std::to_string(port)
                  + " of signalbox.socket is a stream socket, which is of no "
                    "use: pass UDP sockets only (ListenDatagram=)");
  BOOST_TEST(tells(rest[1], "of another family"), rest[1]);
  BOOST_TEST(tells(rest[2], "without a port"), rest[2]);
  BOOST_TEST(tells(rest[3], "not a socket"), rest[3]);
  for (const auto& x : rest)
    BOOST_TEST(tells(x, "of signalbox.socket"), x);
}

BOOST_AUTO_TEST_CASE(an_adopted_socket_is_ours_alone_and_waits) {
  auto held = bound("127.0.0.1", 0);
  const auto port = port_of(held);
  const auto fd = held.get();
  auto socket = must_adopt(std::move(held));
  BOOST_TEST(socket.port() == port);
  BOOST_TEST(socket.cookie() == cookie_of(fd));
  BOOST_TEST((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  BOOST_TEST((fcntl(fd, F_GETFL) & O_NONBLOCK) == 0);
}

BOOST_AUTO_TEST_CASE(refuses_to_adopt_what_is_no_socket) {
  udp_options options;
  options.host = "127.0.0.1";
  const auto socket =
    udp_socket::adopt(descriptor{open("/dev/null", O_RDONLY)}, options);
  BOOST_REQUIRE(!socket.has_value());
  BOOST_TEST((socket.error().kind == errc::socket));
  BOOST_TEST(tells(socket.error().what, "the socket for 127.0.0.1:9997"),
             socket.error().what);
  BOOST_TEST(!udp_socket::adopt(descriptor{}, options).has_value());
}

BOOST_AUTO_TEST_CASE(never_shrinks_the_receive_buffer) {
  udp_options options;
  options.receive_buffer = 64 << 10;
  auto held = bound("127.0.0.1", 0);
  const auto larger = 128 << 10;
  setsockopt(held.get(), SOL_SOCKET, SO_RCVBUF, &larger, sizeof(larger));
  BOOST_TEST(must_adopt(again(held), options).receive_buffer() == 128U << 10);
  options.receive_buffer = 160 << 10;
  BOOST_TEST(must_adopt(again(held), options).receive_buffer() == 160U << 10);
}

BOOST_AUTO_TEST_CASE(tells_the_time_of_arrival_before_the_process_started) {
  const auto held = bound("127.0.0.1", 0);
  // As with `Timestamping=ns` in the socket's unit.
  const auto on = 1;
  setsockopt(held.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
  auto sender = must_connect(port_of(held));
  // The kernel turns its stamps on by and by: until then it gives the time of
  // reading.
  const auto until = std::chrono::steady_clock::now() + patience;
  auto stamped = false;
  while (!stamped && std::chrono::steady_clock::now() < until) {
    const wall_time before = std::chrono::system_clock::now();
    must_send(sender, "x");
    const wall_time after = std::chrono::system_clock::now();
    auto socket = must_adopt(again(held));
    const auto received = must_receive(socket)->items.at(0).received;
    stamped = before <= received && received <= after;
  }
  BOOST_TEST(stamped);
}

BOOST_AUTO_TEST_CASE(counts_drops_from_where_a_former_process_had_counted) {
  const auto held = bound("127.0.0.1", 0);
  const auto small = 4 << 10;
  setsockopt(held.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
  auto sender = must_connect(port_of(held));
  udp_options options;
  options.receive_buffer = 0;
  const std::string text(1'000, 'x');
  const auto flood = [&] {
    const std::vector<std::string_view> all(100, text);
    BOOST_REQUIRE(sender.send(all).value_or(0) == all.size());
  };
  auto former = must_adopt(again(held), options);
  flood();
  const auto counted = former.kernel_drops();
  const auto raw = former.raw_drops();
  BOOST_TEST(counted > 0U);
  BOOST_TEST(raw == counted);
  flood();
  const auto all = former.kernel_drops();
  BOOST_REQUIRE(all > counted);

  auto unknowing = must_adopt(again(held), options);
  BOOST_TEST(unknowing.kernel_drops() == 0U);
  BOOST_TEST(unknowing.cookie() == former.cookie());

  auto knowing = must_adopt(again(held), options);
  knowing.drops_seen_before(raw);
  BOOST_TEST(knowing.kernel_drops() == all - counted);
  BOOST_TEST(knowing.raw_drops() == all);

  auto first_holder = must_adopt(again(held), options);
  first_holder.drops_seen_before(0);
  BOOST_TEST(first_holder.kernel_drops() == all);

  auto mistaken = must_adopt(again(held), options);
  mistaken.drops_seen_before(static_cast<std::uint32_t>(all) + 1);
  BOOST_TEST(mistaken.kernel_drops() == 0U);
}

BOOST_AUTO_TEST_CASE(each_socket_has_a_cookie_of_its_own) {
  auto a = must_adopt(bound("127.0.0.1", 0));
  auto b = must_adopt(bound("127.0.0.1", 0));
  BOOST_TEST(a.cookie() != 0U);
  BOOST_TEST(a.cookie() != b.cookie());
}

BOOST_AUTO_TEST_CASE(the_boot_has_a_name) {
  BOOST_TEST(net::boot_id() == net::boot_id());
  BOOST_TEST(net::boot_id().size() == 32U);
}
