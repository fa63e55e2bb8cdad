// Devices that are spoken to in datagrams or in lines: against real sockets on
// loopback.
#include "net/address.hpp"
#include "net/datagram_peer.hpp"
#include "net/descriptor.hpp"
#include "net/line_connection.hpp"
#include "net/name_lookup.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

using namespace signalbox;
using namespace std::chrono_literals;
using net::datagram_options;
using net::datagram_peer;
using net::line_connection;

namespace {

/// Long enough for a busy machine; whatever comes is returned at once.
mono_time soon() {
  return std::chrono::steady_clock::now() + 10s;
}

/// For what must not come.
mono_time at_once() {
  return std::chrono::steady_clock::now();
}

/// A device on a port of its own, which answers whoever spoke last.
class udp_device {
public:
  explicit udp_device(const char* host = "127.0.0.1")
    : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in self{};
    self.sin_family = AF_INET;
    BOOST_REQUIRE(inet_pton(AF_INET, host, &self.sin_addr) == 1);
    BOOST_REQUIRE(
      bind(fd_.get(), reinterpret_cast<sockaddr*>(&self), sizeof(self)) == 0);
  }

  [[nodiscard]] std::uint16_t port() const {
    return net::port_of(fd_.get());
  }

  /// Hears what is sent to a group at one network interface; fails the test
  /// instead of waiting for ever.
  void join(const char* group, const char* interface_name) const {
    const timeval patience{10, 0};
    BOOST_REQUIRE(setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience,
                             sizeof(patience))
                  == 0);
    ip_mreqn x{};
    BOOST_REQUIRE(inet_pton(AF_INET, group, &x.imr_multiaddr) == 1);
    x.imr_ifindex = static_cast<int>(if_nametoindex(interface_name));
    BOOST_REQUIRE(
      setsockopt(fd_.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &x, sizeof(x)) == 0);
  }

  std::string hear() {
    std::string bytes(64, '\0');
    socklen_t size = sizeof(from_);
    const auto length = recvfrom(fd_.get(), bytes.data(), bytes.size(), 0,
                                 reinterpret_cast<sockaddr*>(&from_), &size);
    BOOST_REQUIRE(length >= 0);
    bytes.resize(static_cast<std::size_t>(length));
    return bytes;
  }

  void answer(std::string_view bytes) const {
    BOOST_REQUIRE(sendto(fd_.get(), bytes.data(), bytes.size(), 0,
                         reinterpret_cast<const sockaddr*>(&from_),
                         sizeof(from_))
                  >= 0);
  }

  /// Answers whom `x` would answer.
  void speak_as(const udp_device& x) {
    from_ = x.from_;
  }

private:
  net::descriptor fd_;
  sockaddr_in from_{};
};

datagram_peer peer_of(const datagram_options& options) {
  auto made = datagram_peer::open(options, soon());
  BOOST_REQUIRE_MESSAGE(made.has_value(), made.error().what);
  return std::move(*made);
}

void must_send(datagram_peer& peer, std::string_view bytes) {
  const auto sent = peer.send(bytes);
  BOOST_REQUIRE_MESSAGE(sent.has_value(), sent.error().what);
}

std::string reply(datagram_peer& peer) {
  const auto got = peer.receive(soon());
  BOOST_REQUIRE_MESSAGE(got.has_value(), got.error().what);
  BOOST_REQUIRE(got->has_value());
  return (*got)->bytes;
}

/// A TCP listener with one connection, on 127.0.0.1.
class line_server {
public:
  line_server() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    BOOST_REQUIRE(
      bind(fd_.get(), reinterpret_cast<sockaddr*>(&any), sizeof(any)) == 0);
    BOOST_REQUIRE(listen(fd_.get(), 4) == 0);
  }

  [[nodiscard]] std::uint16_t port() const {
    return net::port_of(fd_.get());
  }

  /// Hears what is sent to a group at one network interface; fails the test
  /// instead of waiting for ever.
  void join(const char* group, const char* interface_name) const {
    const timeval patience{10, 0};
    BOOST_REQUIRE(setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience,
                             sizeof(patience))
                  == 0);
    ip_mreqn x{};
    BOOST_REQUIRE(inet_pton(AF_INET, group, &x.imr_multiaddr) == 1);
    x.imr_ifindex = static_cast<int>(if_nametoindex(interface_name));
    BOOST_REQUIRE(
      setsockopt(fd_.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &x, sizeof(x)) == 0);
  }

  void accept() {
    peer_ = net::descriptor{accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    BOOST_REQUIRE(bool{peer_});
  }

  void say(std::string_view text) const {
    BOOST_REQUIRE(send(peer_.get(), text.data(), text.size(), MSG_NOSIGNAL)
                  == static_cast<ssize_t>(text.size()));
  }

  /// Reads exactly so many bytes.
  [[nodiscard]] std::string hear(std::size_t length) const {
    std::string text(length, '\0');
    BOOST_REQUIRE(recv(peer_.get(), text.data(), length, MSG_WAITALL)
                  == static_cast<ssize_t>(length));
    return text;
  }

  void hang_up() {
    peer_ = net::descriptor{};
  }

private:
  net::descriptor fd_;
  net::descriptor peer_;
};

line_connection connected_to(const line_server& server) {
  auto made = line_connection::open("127.0.0.1", server.port(), soon());
  BOOST_REQUIRE_MESSAGE(made.has_value(), made.error().what);
  return std::move(*made);
}

bool tells(const failure& x, std::string_view words) {
  return x.what.find(words) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_device_hears_datagrams_and_answers) {
  udp_device device;
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    auto peer = peer_of({.host = host, .port = device.port()});
    must_send(peer, "on");
    BOOST_TEST(device.hear() == "on");
    device.answer("it is");
    BOOST_TEST(reply(peer) == "it is");
  }
}

BOOST_AUTO_TEST_CASE(a_stranger_is_not_heard) {
  udp_device device;
  udp_device stranger;
  auto peer = peer_of({.host = "127.0.0.1", .port = device.port()});
  must_send(peer, "on");
  device.hear();
  device.answer("first");
  BOOST_TEST(reply(peer) == "first");
  stranger.speak_as(device);
  stranger.answer("a stranger's");
  device.answer("second");
  BOOST_TEST(reply(peer) == "second");
}

BOOST_AUTO_TEST_CASE(whoever_is_asked_together_is_heard) {
  udp_device device{"0.0.0.0"};
  auto asking = peer_of(
    {.host = "127.255.255.255", .port = device.port(), .heed_all = true});
  must_send(asking, "who is there?");
  BOOST_TEST(device.hear() == "who is there?");
  device.answer("I am");
  const auto got = asking.receive(soon());
  BOOST_REQUIRE(got.has_value());
  BOOST_REQUIRE(got->has_value());
  BOOST_TEST((*got)->bytes == "I am");
  BOOST_TEST(address_text((*got)->source) == "127.0.0.1");
  BOOST_TEST((*got)->source.port == device.port());
}

BOOST_AUTO_TEST_CASE(multicast_leaves_by_the_interface_that_is_named) {
  udp_device member{"0.0.0.0"};
  member.join("239.255.0.1", "lo");
  auto peer = peer_of(
    {.host = "239.255.0.1", .port = member.port(), .interface_name = "lo"});
  must_send(peer, "to the group");
  BOOST_TEST(member.hear() == "to the group");
  const auto unknown = datagram_peer::open(
    {.host = "239.255.0.1", .port = 5568, .interface_name = "nosuch0"}, soon());
  BOOST_REQUIRE(!unknown.has_value());
  BOOST_TEST(unknown.error().what
             == "cannot send to 239.255.0.1:5568: this machine has no network "
                "interface 'nosuch0'");
}

BOOST_AUTO_TEST_CASE(silence_is_no_failure) {
  const udp_device device;
  auto peer = peer_of({.host = "127.0.0.1", .port = device.port()});
  must_send(peer, "x");
  const auto got = peer.receive(at_once());
  BOOST_REQUIRE(got.has_value());
  BOOST_TEST(!got->has_value());
}

BOOST_AUTO_TEST_CASE(a_machine_where_nobody_listens_is_a_failure) {
  const auto port = udp_device{}.port();
  auto peer = peer_of({.host = "127.0.0.1", .port = port});
  must_send(peer, "x");
  const auto got = peer.receive(soon());
  BOOST_REQUIRE(!got.has_value());
  BOOST_TEST(got.error().what
             == "nobody listens on 127.0.0.1:" + std::to_string(port));
}

BOOST_AUTO_TEST_CASE(names_that_lead_nowhere_are_told) {
  const auto peer =
    datagram_peer::open({.host = "signalbox.invalid", .port = 1}, soon());
  BOOST_REQUIRE(!peer.has_value());
  BOOST_TEST(tells(peer.error(), "cannot send to signalbox.invalid:1: the name "
                                 "cannot be resolved"),
             peer.error().what);
  const auto lines = line_connection::open("signalbox.invalid", 1, soon());
  BOOST_REQUIRE(!lines.has_value());
  BOOST_TEST(tells(lines.error(), "cannot connect to signalbox.invalid:1: the "
                                  "name cannot be resolved"),
             lines.error().what);
}

BOOST_AUTO_TEST_CASE(a_literal_needs_no_time) {
  BOOST_TEST(net::resolve_until("127.0.0.1", 1, at_once() - 1s).has_value());
  BOOST_TEST(net::resolve_until("::1", 1, at_once() - 1s).has_value());
  BOOST_TEST(!net::resolve_until("signalbox.invalid", 1, at_once() - 1s));
}

BOOST_AUTO_TEST_CASE(lines_go_both_ways) {
  line_server server;
  auto lines = connected_to(server);
  server.accept();
  BOOST_TEST(lines.send("hello\r\n", soon()).has_value());
  BOOST_TEST(server.hear(7) == "hello\r\n");
  server.say("one\r\ntwo\n\nth");
  BOOST_TEST(lines.read_line(soon()).value() == "one");
  BOOST_TEST(lines.read_line(soon()).value() == "two");
  BOOST_TEST(lines.read_line(soon()).value() == "");
  server.say("ree\r\n");
  BOOST_TEST(lines.read_line(soon()).value() == "three");
}

BOOST_AUTO_TEST_CASE(a_line_that_does_not_come_is_a_failure) {
  line_server server;
  auto lines = connected_to(server);
  server.accept();
  server.say("half a line");
  const auto line = lines.read_line(at_once() + 20ms);
  BOOST_REQUIRE(!line.has_value());
  BOOST_TEST(line.error().what
             == "the connection to 127.0.0.1:" + std::to_string(server.port())
                  + " failed: no answer in time");
}

BOOST_AUTO_TEST_CASE(a_line_that_does_not_end_is_a_failure) {
  line_server server;
  auto lines = connected_to(server);
  server.accept();
  server.say(std::string(line_connection::max_line + 1, 'x'));
  const auto line = lines.read_line(soon());
  BOOST_REQUIRE(!line.has_value());
  BOOST_TEST(tells(line.error(), "a line that does not end"));
}

BOOST_AUTO_TEST_CASE(a_connection_that_ends_is_a_failure) {
  line_server server;
  auto lines = connected_to(server);
  server.accept();
  server.say("last\n");
  server.hang_up();
  BOOST_TEST(lines.read_line(soon()).value() == "last");
  const auto line = lines.read_line(soon());
  BOOST_REQUIRE(!line.has_value());
  BOOST_TEST(tells(line.error(), "closed by the other side"));
}

BOOST_AUTO_TEST_CASE(a_port_without_a_listener_is_told) {
  std::uint16_t port = 0;
  {
    const line_server server;
    port = server.port();
  }
  const auto lines = line_connection::open("127.0.0.1", port, soon());
  BOOST_REQUIRE(!lines.has_value());
  BOOST_TEST(lines.error().what
             == "cannot connect to 127.0.0.1:" + std::to_string(port)
                  + ": nobody listens there");
}
