// Lamps that are told by UDP and never answer: whether they are there.
#include "lights/datagram_writer.hpp"
#include "tests/lights/udp_device.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <optional>
#include <string>

using namespace signalbox;
using namespace std::chrono_literals;
using lights::datagram_writer;
using lights::test::udp_device;

namespace {

constexpr mono_time start{1h};

datagram_writer writer_to(const udp_device& x) {
  return datagram_writer{{.host = "127.0.0.1", .port = x.port()}};
}

} // namespace

BOOST_AUTO_TEST_CASE(a_lamp_that_goes_is_noticed_with_what_is_sent_next) {
  std::optional<udp_device> lamp{std::in_place};
  auto writer = writer_to(*lamp);
  const auto gone =
    "nobody listens on 127.0.0.1:" + std::to_string(lamp->port());
  BOOST_TEST(writer.send("a", start).error == "");
  BOOST_TEST(lamp->hear().value_or("nothing") == "a");
  lamp.reset();
  writer.send("b", start + 1s); // its refusal is told with the next
  // However long the pauses: it never seems to work in between.
  for (const auto at : {2s, 3s, 12s, 60s, 120s, 300s})
    BOOST_TEST(writer.send("c", start + at).error == gone, at.count());
}

BOOST_AUTO_TEST_CASE(an_error_holds_for_a_while_and_then_the_lamp_works) {
  std::optional<udp_device> lamp{std::in_place};
  const auto port = lamp->port();
  auto writer = writer_to(*lamp);
  lamp.reset();
  BOOST_TEST(writer.send("a", start).error != "");
  lamp.emplace(port);
  BOOST_TEST(writer.send("b", start + 1s).error != "");
  // It was told nevertheless.
  BOOST_TEST(lamp->hear().value_or("nothing") == "b");
  BOOST_TEST(writer.send("c", start + 4s).error != "");
  BOOST_TEST(writer.send("d", start + 7s).error == "");
}

// The address of a name is looked up with each socket.
BOOST_AUTO_TEST_CASE(a_socket_is_replaced_every_half_minute) {
  udp_device lamp;
  auto writer = writer_to(lamp);
  const auto sent_from = [&](duration at) {
    BOOST_TEST(writer.send("x", start + at).error == "");
    BOOST_TEST(lamp.hear().value_or("nothing") == "x");
    return lamp.talks_to();
  };
  const auto first = sent_from(0s);
  BOOST_TEST(sent_from(29s) == first);
  const auto second = sent_from(30s);
  BOOST_TEST(second != first);
  BOOST_TEST(sent_from(59s) == second);
}

BOOST_AUTO_TEST_CASE(a_name_that_is_unknown_is_told_until_it_is_known) {
  datagram_writer writer{{.host = "signalbox.invalid", .port = 1}};
  for (const auto at : {0s, 1s, 60s})
    BOOST_TEST(writer.send("x", start + at)
                 .error.starts_with("cannot send to signalbox.invalid:1"));
}
