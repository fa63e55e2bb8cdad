#include "tests/net/child_process.hpp"
#include "tests/net/mqtt_fixture.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <poll.h>

using namespace signalbox;
using namespace signalbox::test;

namespace {

// MQTT 3.1.1, section 2.2.1: types of control packets.
constexpr std::size_t connect_packet = 1;
constexpr std::size_t publish_packet = 3;

struct packet {
  std::size_t type = 0;
  int identifier = 0; ///< Of a PUBLISH with QoS 1.
  std::string payload;
};

/// A broker that speaks just enough MQTT to misbehave; one connection at a
/// time.
class fake_broker {
public:
  /// Answers one packet with bytes; nothing: closes the connection.
  using behaviour = std::function<std::optional<std::string>(const packet&)>;

  explicit fake_broker(behaviour x)
    : behaviour_(std::move(x)), listener_(listen_on_loopback(port_)) {
    thread_ = std::thread{[this] {
      run();
    }};
  }

  ~fake_broker() {
    ending_ = true;
    shutdown(listener_, SHUT_RDWR);
    shutdown(connection_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  [[nodiscard]] std::uint16_t port() const {
    return port_;
  }

  /// Waits until `n` packets of a type have come; false after 20 seconds.
  [[nodiscard]] bool wait_for(std::size_t type, int n) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, 20s, [&] { return counts_.at(type) >= n; });
  }

  [[nodiscard]] int count(std::size_t type) {
    const std::lock_guard lock{mutex_};
    return counts_.at(type);
  }

private:
  void run() {
    while (!ending_) {
      connection_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection_ < 0)
        return;
      while (!ending_ && serve_packet()) {
        // One after the other.
      }
      close(connection_.exchange(-1));
    }
  }

  bool serve_packet() {
    const auto x = read_packet();
    if (!x)
      return false;
    {
      const std::lock_guard lock{mutex_};
      ++counts_.at(x->type);
    }
    changed_.notify_all();
    const auto answer = behaviour_(*x);
    return answer
           && send(connection_, answer->data(), answer->size(), MSG_NOSIGNAL)
                == static_cast<ssize_t>(answer->size());
  }

  std::optional<int> read_byte() {
    unsigned char x = 0;
    if (recv(connection_, &x, 1, 0) != 1)
      return std::nullopt;
    return x;
  }

  std::optional<packet> read_packet() {
    const auto first = read_byte();
    if (!first)
      return std::nullopt;
    std::size_t length = 0;
    for (auto shift = 0;; shift += 7) {
      const auto x = read_byte();
      if (!x)
        return std::nullopt;
      length |= static_cast<std::size_t>(*x & 0x7f) << shift;
      if ((*x & 0x80) == 0)
        break;
    }
    std::string body(length, '\0');
    if (length > 0
        && recv(connection_, body.data(), length, MSG_WAITALL)
             != static_cast<ssize_t>(length))
      return std::nullopt;
    packet x{static_cast<std::size_t>(*first) >> 4, 0, {}};
    if (x.type == publish_packet) {
      const auto number = [&](std::size_t i) {
        return static_cast<unsigned char>(body.at(i)) << 8
               | static_cast<unsigned char>(body.at(i + 1));
      };
      const auto topic = static_cast<std::size_t>(number(0));
      x.identifier = number(topic + 2);
      x.payload = body.substr(topic + 4);
    }
    return x;
  }

  behaviour behaviour_;
  std::uint16_t port_ = 0;
  int listener_;
  std::atomic<int> connection_ = -1;
  std::atomic<bool> ending_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<int, 16> counts_{};
  std::thread thread_;
};

std::string connack(char code = 0) {
  return {'\x20', '\x02', '\x00', code};
}

std::string puback(int identifier) {
  return {'\x40', '\x02', static_cast<char>(identifier >> 8),
          static_cast<char>(identifier & 0xff)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(an_mqtt_client)

BOOST_AUTO_TEST_CASE(tells_how_many_the_broker_has_for_certain) {
  fake_broker broker{[](const packet& x) -> std::optional<std::string> {
    if (x.type == connect_packet)
      return connack();
    // The fourth is acknowledged, the third is not. All are read before the
    // end, for the kernel would throw away what is still to be sent.
    if (x.payload == "2")
      return "";
    if (x.payload == "4")
      return std::nullopt;
    return puback(x.identifier);
  }};
  const auto answer =
    ask(*must_start(to_broker(broker.port())), messages(1, 0, 5));
  BOOST_TEST(answer.acknowledged == 2U);
  BOOST_TEST(tells(answer, "the broker closed the connection"), answer.error);
  BOOST_TEST(!answer.refused);
}

BOOST_AUTO_TEST_CASE(sends_no_more_than_the_window_unacknowledged) {
  std::atomic<int> unacknowledged = 0;
  std::vector<int> held;
  std::atomic<bool> exceeded = false;
  // Acknowledges only full windows: more would stay unread, and one packet
  // more would be seen.
  fake_broker broker{[&](const packet& x) -> std::optional<std::string> {
    if (x.type == connect_packet)
      return connack();
    held.push_back(x.identifier);
    exceeded = exceeded || ++unacknowledged > 3;
    if (unacknowledged < 3)
      return "";
    std::string all;
    for (const auto id : std::exchange(held, {}))
      all += puback(id);
    unacknowledged = 0;
    return all;
  }};
  auto options = to_broker(broker.port());
  options.max_inflight = 3;
  const auto client = must_start(options);
  BOOST_TEST(ask(*client, messages(1, 0, 30)).acknowledged == 30U);
  BOOST_TEST(!exceeded);
}

BOOST_AUTO_TEST_CASE(leaves_a_broker_that_acknowledges_nothing) {
  fake_broker broker{[](const packet& x) -> std::optional<std::string> {
    return x.type == connect_packet ? connack() : "";
  }};
  auto options = to_broker(broker.port());
  options.max_inflight = 2;
  const auto client = must_start(options);
  auto patient = send(*client, messages(1, 100, 5));
  auto hasty = messages(1, 0, 5);
  hasty.timeout = 300ms;
  const auto answer = ask(*client, hasty);
  BOOST_TEST(answer.acknowledged == 0U);
  BOOST_TEST(tells(answer, "not all messages were acknowledged in time"),
             answer.error);
  // The connection goes, with all that depends on it, and a new one comes.
  BOOST_TEST(tells(wait(patient), "acknowledged nothing"));
  BOOST_TEST(broker.count(publish_packet) == 2);
  BOOST_TEST(broker.wait_for(connect_packet, 2));
}

BOOST_AUTO_TEST_CASE(does_not_send_again_what_has_been_answered) {
  std::atomic<int> seen = 0;
  fake_broker broker{[&](const packet& x) -> std::optional<std::string> {
    if (x.type == connect_packet)
      return connack();
    if (x.type == publish_packet && ++seen == 1)
      return std::nullopt;
    return x.type == publish_packet ? puback(x.identifier) : "";
  }};
  const auto client = must_start(to_broker(broker.port()));
  BOOST_TEST(ask(*client, messages(1, 0, 1)).error != "");
  BOOST_REQUIRE(wait_until_connected(*client));
  BOOST_TEST(ask(*client, messages(1, 1, 1)).acknowledged == 1U);
  BOOST_TEST(seen == 2);
}

BOOST_AUTO_TEST_CASE(waits_for_the_outcome_of_an_attempt) {
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  fake_broker broker{[&](const packet& x) -> std::optional<std::string> {
    if (x.type == connect_packet) {
      opened.wait();
      return connack();
    }
    return x.type == publish_packet ? puback(x.identifier) : "";
  }};
  const auto client = must_start(to_broker(broker.port()));
  auto hasty = messages(1, 0, 1);
  hasty.timeout = 100ms;
  BOOST_TEST(tells(ask(*client, hasty), "no connection in time"));
  auto patient = send(*client, messages(1, 1, 1));
  gate.set_value();
  BOOST_TEST(wait(patient).acknowledged == 1U);
}

BOOST_AUTO_TEST_CASE(tells_a_refusal_that_is_not_about_credentials) {
  fake_broker broker{[](const packet&) -> std::optional<std::string> {
    return connack(3);
  }};
  const auto answer = probe(*must_start(to_broker(broker.port())));
  BOOST_TEST(tells(answer, "refused the connection"), answer.error);
  BOOST_TEST(!answer.refused);
}

BOOST_AUTO_TEST_CASE(survives_garbage) {
  fake_broker broker{[](const packet&) -> std::optional<std::string> {
    return "\x20\xff\xff\xff\xff\xff"; // A length without end.
  }};
  BOOST_TEST(probe(*must_start(to_broker(broker.port()))).error != "");
}

BOOST_AUTO_TEST_SUITE_END()
