// Questions to groups and to everybody, on loopback.
#include "net/address.hpp"
#include "net/descriptor.hpp"
#include "net/inquiry.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <functional>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

using namespace signalbox;
using namespace std::chrono_literals;

namespace {

const std::string group = "239.255.77.77";

std::vector<net::network_interface> loopback() {
  const std::array<std::string, 1> names{"lo"};
  auto found = net::interfaces(names);
  BOOST_REQUIRE(found.has_value());
  BOOST_REQUIRE_EQUAL(found->size(), 1U);
  return *found;
}

/// Somebody who hears the group and broadcasts on loopback, and answers each
/// datagram, the first of which is 0, with as many as `answer` makes.
class peer {
public:
  using texts = std::vector<std::string>;

  explicit peer(const char* address, std::function<texts(int n)> answer)
    : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in self{};
    self.sin_family = AF_INET;
    BOOST_REQUIRE(inet_pton(AF_INET, address, &self.sin_addr) == 1);
    const ip_mreqn in{.imr_multiaddr = {inet_addr(group.c_str())},
                      .imr_address = {htonl(INADDR_LOOPBACK)},
                      .imr_ifindex = 0};
    const timeval patience{0, 10'000};
    BOOST_REQUIRE(
      bind(fd_.get(), reinterpret_cast<sockaddr*>(&self), sizeof(self)) == 0);
    BOOST_REQUIRE(
      setsockopt(fd_.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &in, sizeof(in))
      == 0);
    BOOST_REQUIRE(setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience,
                             sizeof(patience))
                  == 0);
    thread_ = std::jthread{
      [this, answer = std::move(answer)](const std::stop_token& stop) {
        for (int n = 0; !stop.stop_requested();) {
          std::array<char, 64> buffer{};
          sockaddr_in from{};
          socklen_t size = sizeof(from);
          auto* to = reinterpret_cast<sockaddr*>(&from);
          if (recvfrom(fd_.get(), buffer.data(), buffer.size(), 0, to, &size)
              >= 0)
            for (const auto& x : answer(n++))
              sendto(fd_.get(), x.data(), x.size(), 0, to, size);
        }
      }};
  }

  [[nodiscard]] std::uint16_t port() const {
    return net::port_of(fd_.get());
  }

private:
  net::descriptor fd_;
  std::jthread thread_;
};

class noted final : public net::inquiry {
public:
  explicit noted(net::audience to) : to_(std::move(to)) {
    // nop
  }

  [[nodiscard]] net::audience to() const override {
    return to_;
  }

  std::vector<std::string> questions(unsigned round) override {
    rounds.push_back(round);
    return net::asks_everybody(round) ? std::vector<std::string>{"who?"}
                                      : std::vector<std::string>{};
  }

  void hear(const endpoint& from, std::string_view bytes) override {
    ports.push_back(from.port);
    heard.emplace_back(bytes);
  }

  std::vector<unsigned> rounds;
  std::vector<std::string> heard;
  std::vector<std::uint16_t> ports;

private:
  net::audience to_;
};

std::vector<failure> ask(noted& x, duration time, std::size_t max_answers) {
  std::vector<net::inquiry_place> places;
  for (const auto& at : loopback())
    places.push_back({at, &x});
  return net::inquire(places, {.time = time, .max_answers = max_answers});
}

peer::texts once(int) {
  return {"me"};
}

} // namespace

BOOST_AUTO_TEST_CASE(hears_who_answers_in_a_group) {
  const peer somebody{"0.0.0.0", once};
  noted x{{.group = group, .port = somebody.port(), .hops = 1}};
  BOOST_TEST(ask(x, 20s, 1).empty());
  BOOST_REQUIRE_EQUAL(x.heard.size(), 1U);
  BOOST_TEST(x.heard.front() == "me");
  BOOST_TEST(x.ports.front() == somebody.port());
}

BOOST_AUTO_TEST_CASE(hears_who_answers_a_broadcast) {
  const peer somebody{"127.255.255.255", [](int) {
                        return peer::texts{"me", "and", "me"};
                      }};
  noted x{{.group = {}, .port = somebody.port(), .hops = 1}};
  BOOST_TEST(ask(x, 20s, 3).empty());
  BOOST_TEST(x.heard == (peer::texts{"me", "and", "me"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(asks_again_what_was_lost) {
  const peer deaf{"0.0.0.0", [](int n) {
                    return n == 0 ? peer::texts{} : peer::texts{"me"};
                  }};
  noted x{{.group = group, .port = deaf.port(), .hops = 1}};
  BOOST_TEST(ask(x, 3s, 1).empty());
  BOOST_TEST(x.heard.size() == 1U);
  BOOST_TEST(x.rounds.back() == 2U);
}

BOOST_AUTO_TEST_CASE(ends_when_its_time_is_over) {
  const peer silent{"0.0.0.0", [](int) {
                      return peer::texts{};
                    }};
  noted x{{.group = group, .port = silent.port(), .hops = 1}};
  BOOST_TEST(ask(x, 60ms, 1).empty());
  BOOST_TEST(x.heard.empty());
  BOOST_TEST(x.rounds == (std::vector<unsigned>{0, 1, 2, 3, 4, 5}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(drops_what_is_too_long_and_counts_it) {
  const peer loud{
    "0.0.0.0", [](int) {
      return peer::texts{std::string(9'001, 'x'), std::string(9'000, 'y'), ""};
    }};
  noted x{{.group = group, .port = loud.port(), .hops = 1}};
  BOOST_TEST(ask(x, 20s, 3).empty());
  BOOST_TEST(x.heard == (peer::texts{std::string(9'000, 'y'), ""}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(hears_no_more_than_it_may) {
  const peer loud{"0.0.0.0", [](int) {
                    return peer::texts(100, "me");
                  }};
  noted x{{.group = group, .port = loud.port(), .hops = 1}};
  BOOST_TEST(ask(x, 20s, 7).empty());
  BOOST_TEST(x.heard.size() == 7U);
}

BOOST_AUTO_TEST_CASE(tells_what_cannot_be_asked_and_asks_the_rest) {
  const peer somebody{"0.0.0.0", once};
  noted bad{{.group = "nowhere", .port = 9, .hops = 1}};
  noted good{{.group = group, .port = somebody.port(), .hops = 1}};
  const auto at = loopback().front();
  const std::array<net::inquiry_place, 2> places{{{at, &bad}, {at, &good}}};
  const auto troubles = net::inquire(places, {.time = 20s, .max_answers = 1});
  BOOST_REQUIRE_EQUAL(troubles.size(), 1U);
  BOOST_TEST(troubles.front().what
             == "cannot ask nowhere:9 on lo: Invalid argument");
  BOOST_TEST(good.heard.size() == 1U);
}

BOOST_AUTO_TEST_SUITE(interfaces)

BOOST_AUTO_TEST_CASE(are_found_by_name_even_loopback) {
  const auto lo = loopback().front();
  BOOST_TEST(lo.name == "lo");
  BOOST_TEST(lo.index > 0U);
  BOOST_TEST(address_text(lo.address) == "127.0.0.1");
  BOOST_TEST(address_text(lo.broadcast) == "127.255.255.255");
}

BOOST_AUTO_TEST_CASE(do_not_hold_loopback_unless_it_is_named) {
  const auto all = net::interfaces({});
  BOOST_REQUIRE(all.has_value());
  for (const auto& x : *all)
    BOOST_TEST(x.name != "lo");
}

BOOST_AUTO_TEST_CASE(that_are_not_there_are_an_error_with_those_that_are) {
  const std::array<std::string, 2> names{"lo", "nothere0"};
  const auto x = net::interfaces(names);
  BOOST_REQUIRE(!x.has_value());
  BOOST_TEST(x.error().what.find("'nothere0'") != std::string::npos);
  BOOST_TEST(x.error().what.find("there are: lo") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
