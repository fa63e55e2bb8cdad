#include "net/udp_sender.hpp"
#include "net/udp_socket.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>

using namespace signalbox;
using namespace std::chrono_literals;
using net::udp_options;
using net::udp_sender;
using net::udp_socket;

namespace {

/// Long enough for a busy machine; what has arrived is returned at once.
constexpr auto patience = 10'000ms;

udp_options on(const std::string& host) {
  udp_options x;
  x.host = host;
  x.port = 0;
  return x;
}

udp_socket must_bind(const udp_options& options) {
  auto x = udp_socket::bind(options);
  BOOST_REQUIRE_MESSAGE(x.has_value(), x.error().what);
  return std::move(*x);
}

udp_sender must_connect(const std::string& host, std::uint16_t port) {
  auto x = udp_sender::connect(host, port);
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

bool has_ipv6() {
  return udp_socket::bind(on("::1")).has_value();
}

bool tells(const failure& x, std::string_view words) {
  return x.what.find(words) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_CASE(one_socket_serves_both_families) {
  auto socket = must_bind(on("::"));
  auto v4 = must_connect("127.0.0.1", socket.port());
  must_send(v4, "over IPv4");
  const auto first = must_receive(socket);
  BOOST_TEST(first->text_of(first->items.at(0)) == "over IPv4");
  BOOST_TEST(address_text(first->items.at(0).source) == "127.0.0.1");
  BOOST_TEST(first->items.at(0).source.port != 0);
  if (!has_ipv6())
    return;
  auto v6 = must_connect("::1", socket.port());
  must_send(v6, "over IPv6");
  const auto second = must_receive(socket);
  BOOST_TEST(second->text_of(second->items.at(0)) == "over IPv6");
  BOOST_TEST(address_text(second->items.at(0).source) == "::1");
}

BOOST_AUTO_TEST_CASE(an_ipv4_socket_tells_sources_in_the_same_form) {
  auto socket = must_bind(on("127.0.0.1"));
  auto sender = must_connect("127.0.0.1", socket.port());
  must_send(sender, "x");
  BOOST_TEST(address_text(must_receive(socket)->items.at(0).source)
             == "127.0.0.1");
}

BOOST_AUTO_TEST_CASE(takes_what_has_arrived_up_to_a_batch) {
  auto socket = must_bind(on("127.0.0.1"));
  auto sender = must_connect("127.0.0.1", socket.port());
  std::vector<std::string> texts;
  texts.reserve(100);
  for (auto i = 0; i < 100; ++i)
    texts.push_back("event " + std::to_string(i));
  const std::vector<std::string_view> views{texts.begin(), texts.end()};
  BOOST_REQUIRE(sender.send(views).value_or(0) == 100U);
  const auto first = must_receive(socket);
  const auto second = must_receive(socket);
  BOOST_TEST(first->items.size() == datagram_batch::max_datagrams);
  BOOST_TEST(second->items.size() == 100 - datagram_batch::max_datagrams);
  BOOST_TEST(first->text_of(first->items.at(63)) == "event 63");
  BOOST_TEST(second->text_of(second->items.at(0)) == "event 64");
}

BOOST_AUTO_TEST_CASE(pads_the_arena_with_zeros) {
  auto socket = must_bind(on("127.0.0.1"));
  auto sender = must_connect("127.0.0.1", socket.port());
  const std::array<std::string_view, 3> texts{"one", "", "three"};
  BOOST_REQUIRE(sender.send(texts).value_or(0) == 3U);
  const auto batch = must_receive(socket);
  BOOST_REQUIRE(batch->items.size() == 3U);
  for (std::size_t i = 0; i < texts.size(); ++i)
    BOOST_TEST(batch->text_of(batch->items[i]) == texts[i]);
  BOOST_REQUIRE(batch->bytes.size() == 8 + datagram_batch::padding);
  BOOST_TEST(std::all_of(batch->bytes.begin() + 8, batch->bytes.end(),
                         [](char c) { return c == '\0'; }));
}

BOOST_AUTO_TEST_CASE(cuts_and_flags_what_is_too_long) {
  auto options = on("127.0.0.1");
  options.max_datagram = 10;
  auto socket = must_bind(options);
  auto sender = must_connect("127.0.0.1", socket.port());
  const std::array<std::string_view, 4> texts{"123456789", "1234567890",
                                              "12345678901", "short"};
  BOOST_REQUIRE(sender.send(texts).value_or(0) == 4U);
  const auto batch = must_receive(socket);
  BOOST_REQUIRE(batch->items.size() == 4U);
  const std::array oversized{false, false, true, false};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    BOOST_TEST(batch->text_of(batch->items[i]) == texts[i].substr(0, 10));
    BOOST_TEST(batch->items[i].oversized == oversized[i]);
  }
}

BOOST_AUTO_TEST_CASE(takes_the_longest_datagram_that_udp_allows) {
  auto socket = must_bind(on("127.0.0.1"));
  auto sender = must_connect("127.0.0.1", socket.port());
  const std::string longest(65'507, 'x');
  must_send(sender, longest);
  const auto batch = must_receive(socket);
  BOOST_TEST((batch->text_of(batch->items.at(0)) == longest));
  BOOST_TEST(!batch->items.at(0).oversized);
}

BOOST_AUTO_TEST_CASE(stamps_the_time_of_arrival_not_of_reading) {
  auto socket = must_bind(on("127.0.0.1"));
  auto sender = must_connect("127.0.0.1", socket.port());
  // The kernel's first stamps may come late: it turns them on by and by.
  must_send(sender, "warm-up");
  must_receive(socket);
  const wall_time before = std::chrono::system_clock::now();
  must_send(sender, "x");
  const wall_time after = std::chrono::system_clock::now();
  // A second datagram, read with the first, so that reading comes later.
  must_send(sender, "y");
  const auto received = must_receive(socket)->items.at(0).received;
  // The kernel's clock may be read a tick apart from ours.
  BOOST_TEST((received >= before - 10ms));
  BOOST_TEST((received <= after + 10ms));
}

BOOST_AUTO_TEST_CASE(returns_nothing_when_nothing_arrives) {
  auto socket = must_bind(on("127.0.0.1"));
  for (const auto x : {0ms, 1ms, 0ms, 20ms}) {
    const auto begin = std::chrono::steady_clock::now();
    const auto batch = socket.receive(x);
    BOOST_REQUIRE(batch.has_value());
    BOOST_TEST(*batch == nullptr);
    BOOST_TEST((std::chrono::steady_clock::now() - begin < 5s));
  }
}

BOOST_AUTO_TEST_CASE(several_sockets_can_share_a_port) {
  auto options = on("127.0.0.1");
  options.share_port = true;
  const auto first = must_bind(options);
  options.port = first.port();
  const auto second = udp_socket::bind(options);
  BOOST_REQUIRE(second.has_value());
  BOOST_TEST(second->port() == first.port());
}

BOOST_AUTO_TEST_CASE(tells_that_the_port_is_in_use) {
  const auto first = must_bind(on("127.0.0.1"));
  auto options = on("127.0.0.1");
  options.port = first.port();
  const auto second = udp_socket::bind(options);
  BOOST_REQUIRE(!second.has_value());
  BOOST_TEST((second.error().kind == errc::socket));
  BOOST_TEST(second.error().what
             == "cannot listen on 127.0.0.1:" + std::to_string(options.port)
                  + ": the port is in use by another program; stop it or "
                    "choose another address");
}

BOOST_AUTO_TEST_CASE(tells_that_an_address_is_not_ours) {
  // TEST-NET-3 of RFC 5737, nobody's address.
  const auto socket = udp_socket::bind(on("203.0.113.1"));
  BOOST_REQUIRE(!socket.has_value());
  BOOST_TEST(tells(socket.error(), "no such address"), socket.error().what);
}

BOOST_AUTO_TEST_CASE(tells_that_a_name_is_unknown) {
  // RFC 6761 reserves the domain: it never resolves.
  const auto socket = udp_socket::bind(on("signalbox.invalid"));
  BOOST_REQUIRE(!socket.has_value());
  BOOST_TEST(tells(socket.error(), "signalbox.invalid"), socket.error().what);
  BOOST_TEST(tells(socket.error(), "resolve"), socket.error().what);
  const auto sender = udp_sender::connect("signalbox.invalid", 9997);
  BOOST_REQUIRE(!sender.has_value());
  BOOST_TEST(tells(sender.error(), "resolve"), sender.error().what);
}

BOOST_AUTO_TEST_CASE(reports_the_receive_buffer_that_the_kernel_gave) {
  auto options = on("127.0.0.1");
  options.receive_buffer = 64 << 10;
  BOOST_TEST(must_bind(options).receive_buffer() == 64U << 10);
}

BOOST_AUTO_TEST_CASE(counts_what_the_kernel_drops) {
  auto options = on("127.0.0.1");
  options.receive_buffer = 16 << 10;
  auto socket = must_bind(options);
  auto sender = must_connect("127.0.0.1", socket.port());
  const std::string text(1'000, 'x');
  const std::vector<std::string_view> flood(1'000, text);
  const auto sent = sender.send(flood);
  BOOST_REQUIRE(sent.has_value());
  std::size_t received = 0;
  for (;;) {
    const auto batch = socket.receive(0ms);
    BOOST_REQUIRE(batch.has_value());
    if (*batch == nullptr)
      break;
    received += (*batch)->items.size();
  }
  BOOST_TEST(received < flood.size());
  BOOST_TEST(received + socket.kernel_drops() == *sent);
  BOOST_TEST(received + socket.kernel_drops() == *sent);
}

BOOST_AUTO_TEST_CASE(the_sender_tells_that_nobody_listens_and_goes_on) {
  const auto port = must_bind(on("127.0.0.1")).port();
  auto sender = must_connect("127.0.0.1", port);
  result<std::size_t> outcome = 1U;
  // The first one cannot know: the answer of the other side comes after it.
  for (auto i = 0; i < 1'000 && outcome.has_value(); ++i)
    outcome = sender.send(std::array<std::string_view, 1>{"x"});
  BOOST_REQUIRE(!outcome.has_value());
  BOOST_TEST(outcome.error().what
             == "nobody listens on 127.0.0.1:" + std::to_string(port));
  auto options = on("127.0.0.1");
  options.port = port;
  auto socket = must_bind(options);
  // Told once per answer of the other side, then it sends again.
  for (outcome = fail(errc::network, ""); !outcome.has_value();)
    outcome = sender.send(std::array<std::string_view, 1>{"again"});
  BOOST_TEST(must_receive(socket)->items.size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_sender_refuses_what_is_too_long_for_udp) {
  auto socket = must_bind(on("127.0.0.1"));
  auto sender = must_connect("127.0.0.1", socket.port());
  const std::string too_long(65'508, 'x');
  const auto sent = sender.send(std::array<std::string_view, 1>{too_long});
  BOOST_REQUIRE(!sent.has_value());
  BOOST_TEST(tells(sent.error(), "65508 bytes is too long"), sent.error().what);
  const auto part =
    sender.send(std::array<std::string_view, 2>{"short", too_long});
  BOOST_TEST(part.value_or(0) == 1U);
}
