#include "lights/lifx/packet.hpp"
#include "tests/lights/configured.hpp"
#include "tests/lights/hex.hpp"
#include "tests/lights/udp_device.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

using namespace signalbox;
using namespace signalbox::lights;
using namespace std::chrono_literals;
using test::configured;
using test::hex;
using test::udp_device;

namespace {

constexpr auto bulb = "driver = \"lifx\"\nmac = \"d0:73:d5:00:13:37\"\n";
constexpr lifx::mac_address mac{0xd0, 0x73, 0xd5, 0x00, 0x13, 0x37};
constexpr color green{{0, 255, 0}};

/// The packets of a command: types and payloads.
std::vector<std::string> told(const command& x) {
  const configured made{bulb};
  BOOST_TEST_REQUIRE(made.it != nullptr, made.complaint());
  std::vector<std::string> out;
  for (const auto& one : made.it->shape(x, nullptr)) {
    const auto& bytes = std::get<write_request>(one).bytes;
    const auto packet = lifx::parse(bytes);
    BOOST_REQUIRE(packet.has_value());
    BOOST_TEST((packet->from == mac));
    BOOST_TEST(packet->to.source > 1U);
    out.push_back(std::to_string(packet->type) + " " + hex(packet->payload));
  }
  return out;
}

using packets = std::vector<std::string>;

/// An answer as a lamp writes it: the question with another type.
std::string answer_to(std::string question, std::uint16_t type,
                      std::string_view payload = {}) {
  question.resize(36);
  question += payload;
  question[0] = static_cast<char>(question.size());
  for (std::size_t i = 0; i < mac.size(); ++i)
    question[8 + i] = static_cast<char>(mac.at(i));
  question[32] = static_cast<char>(type & 0xFFU);
  question[33] = static_cast<char>(type >> 8U);
  return question;
}

std::string service(std::uint16_t port) {
  return {1, static_cast<char>(port & 0xFFU), static_cast<char>(port >> 8U), 0,
          0};
}

/// What a lamp does with the n-th packet, from 0.
using manner = std::function<void(udp_device&, const std::string&, int)>;

/// Plays a lamp for so many packets, while `talk` talks to it.
void with_lamp(udp_device& lamp, int packets_to_hear, const manner& answer,
               const std::function<void()>& talk) {
  std::thread playing{[&] {
    for (auto i = 0; i < packets_to_hear; ++i) {
      const auto heard = lamp.hear();
      if (!heard)
        return;
      answer(lamp, *heard, i);
    }
  }};
  talk();
  playing.join();
}

std::unique_ptr<byte_writer> writer_of(const std::string& keys) {
  const configured made{bulb + keys};
  BOOST_TEST_REQUIRE(made.it != nullptr, made.complaint());
  return std::get<std::unique_ptr<byte_writer>>(made.it->open_transport());
}

std::string at(const udp_device& lamp, const std::string& key = "address",
               const std::string& host = "127.0.0.1") {
  return key + " = \"" + host + ":" + std::to_string(lamp.port()) + "\"\n";
}

std::string off_packet(std::uint8_t sequence = 7) {
  return lifx::set_power(mac, {0x1234, sequence}, false, 0ms);
}

bool complains(const std::string& keys, std::string_view words) {
  const configured made{"driver = \"lifx\"\n" + keys};
  BOOST_TEST(made.it == nullptr);
  return made.complaint().find(words) != std::string::npos;
}

} // namespace

// Decoded by lifx-lan-client.
BOOST_AUTO_TEST_CASE(a_color_is_the_golden_packet) {
  BOOST_TEST(
    hex(lifx::set_color(mac, {0x1234, 7}, {21845, 65535, 65535, 3500}, 200ms))
    == "3100001434120000d073d500133700000000000000000207000000000000"
       "000066000000005555ffffffffac0dc8000000");
}

BOOST_AUTO_TEST_CASE(the_other_packets_are_as_the_protocol_says) {
  BOOST_TEST(hex(lifx::get_service({0x1234, 7}))
             == "24000034"
                "34120000"
                "0000000000000000"
                "000000000000"
                "0007"
                "0000000000000000"
                "0200"
                "0000");
  BOOST_TEST(hex(lifx::set_power(mac, {0x1234, 7}, true, 300ms))
             == "2a000014"
                "34120000"
                "d073d50013370000"
                "000000000000"
                "0207"
                "0000000000000000"
                "7500"
                "0000"
                "ffff"
                "2c010000");
  BOOST_TEST(hex(lifx::set_waveform(mac, {0x1234, 255}, {1, 2, 3, 2700},
                                    lifx::waveform::pulse, 500ms, 3600))
             == "39000014"
                "34120000"
                "d073d50013370000"
                "000000000000"
                "02ff"
                "0000000000000000"
                "6700"
                "0000"
                "00"
                "01"
                "0100"
                "0200"
                "0300"
                "8c0a"
                "f4010000"
                "00006145"
                "0000"
                "04");
}

BOOST_AUTO_TEST_CASE(lights_up_and_goes_dark) {
  BOOST_TEST(
    told({show::on, green})
      == (packets{"102 005555ffffffffac0d00000000", "117 ffff00000000"}),
    boost::test_tools::per_element());
  BOOST_TEST(told({}) == (packets{"117 000000000000"}),
             boost::test_tools::per_element());
  BOOST_TEST(
    told({show::fade, green, 0.5, 1500ms})
      == (packets{"102 005555ffff0080ac0ddc050000", "117 ffffdc050000"}),
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(whites_are_a_warmth_and_no_color) {
  const auto on = [](color x, double brightness = 1) {
    return told({show::on, x, brightness}).at(0);
  };
  // Kelvin 2700, 9000, and sRGB's white.
  BOOST_TEST(on({{255, 167, 87}, 2700}) == "102 0000000000ffff8c0a00000000");
  BOOST_TEST(on({{1, 2, 3}, 9000}, 0.5) == "102 00000000000080282300000000");
  BOOST_TEST(on({{255, 255, 255}}) == "102 0000000000ffff641900000000");
  BOOST_TEST(on({{0, 0, 255}}) == "102 00aaaaffffffffac0d00000000");
}

BOOST_AUTO_TEST_CASE(a_lit_lamp_is_never_so_dim_that_it_is_dark) {
  BOOST_TEST(told({show::on, green, 0.00001}).at(0)
             == "102 005555ffff8f02ac0d00000000");
}

// Dark, powered, and then to the colour and back, an hour long.
BOOST_AUTO_TEST_CASE(the_lamp_itself_blinks_and_pulses) {
  BOOST_TEST(told({show::blink, green, 1, 1s})
               == (packets{"102 005555ffff0000ac0d00000000", "117 ffff00000000",
                           "103 00015555ffffffffac0de803000000006145000004"}),
             boost::test_tools::per_element());
  BOOST_TEST(told({show::pulse, green, 1, 2s})
               == (packets{"102 005555ffff0000ac0d00000000", "117 ffff00000000",
                           "103 00015555ffffffffac0dd00700000000e144000001"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_address_is_enough) {
  udp_device lamp;
  const configured made{"driver = \"lifx\"\n" + at(lamp)};
  BOOST_TEST_REQUIRE(made.it != nullptr, made.complaint());
  auto open = made.it->open_transport();
  const auto& writer = std::get<std::unique_ptr<byte_writer>>(open);
  const auto off = std::get<write_request>(made.it->shape({}, nullptr).at(0));
  // The target is zeros: whoever is at that address.
  BOOST_TEST(hex(off.bytes.substr(8, 8)) == "0000000000000000");
  with_lamp(
    lamp, 1,
    [](udp_device& self, const std::string& packet, int) {
      self.answer(answer_to(packet, 45));
    },
    [&] { BOOST_TEST(writer->write(off).error == ""); });
  BOOST_TEST(writer->write(off).error.starts_with(
    "the lamp at 127.0.0.1 does not answer"));
}

BOOST_AUTO_TEST_CASE(each_packet_has_a_number_of_its_own) {
  const configured made{bulb};
  std::vector<int> seen;
  for (auto i = 0; i < 150; ++i)
    for (const auto& x : made.it->shape({show::on, green}, nullptr))
      seen.push_back(
        lifx::ticket_of(std::get<write_request>(x).bytes).sequence);
  for (std::size_t i = 0; i < seen.size(); ++i)
    BOOST_TEST(seen[i] == static_cast<int>(i % 256));
}

BOOST_AUTO_TEST_CASE(bears_what_lifx_bears) {
  const configured made{bulb};
  BOOST_TEST(made.it->can().max_rate == 15);
  BOOST_TEST(made.it->can().burst == 3);
  BOOST_TEST(made.it->can().blinks);
  BOOST_TEST(made.it->can().pulses);
}

BOOST_AUTO_TEST_CASE(reads_only_whole_packets) {
  const auto whole = answer_to(off_packet(), 45);
  BOOST_TEST(lifx::parse(whole).has_value());
  for (std::size_t length = 0; length < whole.size(); ++length)
    BOOST_TEST(!lifx::parse(whole.substr(0, length)).has_value());
  BOOST_TEST(!lifx::parse(whole + "x").has_value());
  auto other_protocol = whole;
  other_protocol[2] = 1;
  BOOST_TEST(!lifx::parse(other_protocol).has_value());
  BOOST_TEST(lifx::service_port(service(56700)).value_or(0) == 56700);
  const std::string bad[]{
    "", "\1", {2, 1, 1, 0, 0}, {1, 0, 0, 0, 0}, {1, 0, 0, 1, 0}};
  for (const auto& x : bad)
    BOOST_TEST(!lifx::service_port(x).has_value());
}

BOOST_AUTO_TEST_CASE(an_acknowledged_packet_is_sent_once) {
  udp_device lamp;
  auto writer = writer_of(at(lamp));
  with_lamp(
    lamp, 1,
    [](auto& self, const auto& x, int) {
      BOOST_TEST(hex(x) == hex(off_packet()));
      self.answer(answer_to(x, 45));
    },
    [&] { BOOST_TEST(writer->write({off_packet()}).error == ""); });
  BOOST_TEST(!lamp.hear(0s).has_value());
}

BOOST_AUTO_TEST_CASE(a_lost_acknowledgement_is_asked_for_again) {
  udp_device lamp;
  auto writer = writer_of(at(lamp));
  with_lamp(
    lamp, 3,
    [](auto& self, const auto& x, int n) {
      BOOST_TEST(hex(x) == hex(off_packet()));
      if (n == 2)
        self.answer(answer_to(x, 45));
    },
    [&] { BOOST_TEST(writer->write({off_packet()}).error == ""); });
}

BOOST_AUTO_TEST_CASE(what_is_no_acknowledgement_of_ours_is_passed_over) {
  udp_device lamp;
  auto writer = writer_of(at(lamp));
  with_lamp(
    lamp, 3,
    [](auto& self, const auto& x, int) {
      self.answer("garbage");
      self.answer("");
      self.answer(std::string(5'000, 'x'));
      self.answer(answer_to(off_packet(8), 45));
      self.answer(answer_to(lifx::set_power(mac, {0x4321, 7}, true, 0ms), 45));
      self.answer(answer_to(x, 107, std::string(52, '\0')));
    },
    [&] {
      BOOST_TEST(writer->write({off_packet()}).error
                 == "the lamp d0:73:d5:00:13:37 does not answer; is it "
                    "switched on (at the wall, too), and on this network?");
    });
}

BOOST_AUTO_TEST_CASE(a_lamp_that_does_not_know_the_command_has_refused_it) {
  udp_device lamp;
  auto writer = writer_of(at(lamp));
  with_lamp(
    lamp, 1,
    [](auto& self, const auto& x, int) {
      self.answer(answer_to(x, 223, std::string{102, 0}));
    },
    [&] {
      const auto x =
        configured{bulb}.it->judge(writer->write({off_packet()}), wall_time{});
      BOOST_TEST((x.what == outcome::destination_fault));
      BOOST_TEST(x.reason
                 == "the lamp does not know this command: it has no colours, "
                    "or is no lamp");
    });
}

BOOST_AUTO_TEST_CASE(a_lamp_without_an_address_is_asked_for) {
  udp_device lamp;
  udp_device moved;
  auto writer = writer_of(at(lamp, "broadcast", "127.255.255.255"));
  auto service_at = lamp.port();
  const manner play = [&](udp_device& self, const std::string& x, int n) {
    if (n > 0) {
      self.answer(answer_to(x, 45));
      return;
    }
    BOOST_TEST(hex(x).substr(0, 8) == "24000034");
    auto stranger = answer_to(x, 3, service(1));
    stranger[13] = 0;
    self.answer(stranger);
    self.answer(answer_to(x, 3, service(service_at)));
  };
  const auto tell = [&] {
    const auto x =
      configured{bulb}.it->judge(writer->write({off_packet()}), wall_time{});
    BOOST_TEST((x.what == outcome::delivered), x.reason);
  };
  with_lamp(lamp, 2, play, tell);
  // It is known now.
  with_lamp(
    lamp, 1,
    [](auto& self, const auto& x, int) {
      BOOST_TEST(hex(x) == hex(off_packet()));
      self.answer(answer_to(x, 45));
    },
    tell);
  // It is silent, and found at another port.
  with_lamp(
    lamp, 3, [](auto&, const auto&, int) {},
    [&] { BOOST_TEST(writer->write({off_packet()}).error != ""); });
  service_at = moved.port();
  std::thread at_new_port{[&] {
    const auto x = moved.hear();
    if (x)
      moved.answer(answer_to(*x, 45));
  }};
  with_lamp(lamp, 1, play, tell);
  at_new_port.join();
}

BOOST_AUTO_TEST_CASE(a_lamp_that_is_nowhere_is_told_so) {
  udp_device nobody;
  auto writer = writer_of(at(nobody, "broadcast", "127.255.255.255"));
  BOOST_TEST(writer->write({off_packet()}).error
             == "no lamp on this network says that it is d0:73:d5:00:13:37: "
                "switch it on, or set its address where broadcasts do not "
                "reach it");
  // Asked for three times, and told nothing.
  for (auto i = 0; i < 3; ++i)
    BOOST_TEST(nobody.hear(0s).value_or("").size() == 36U);
  BOOST_TEST(!nobody.hear(0s).has_value());
}

BOOST_AUTO_TEST_CASE(addresses_are_read_as_they_are_printed) {
  for (const auto* x :
       {"d0:73:d5:00:13:37", "D0-73-D5-00-13-37", "d073d5001337"})
    BOOST_TEST((lifx::parse_mac(x) == mac), x);
  for (const auto* x : {"", "d0:73:d5:00:13", "d0:73:d5:00:13:37:00",
                        "d0:73:d5:00:13:3g", ":d073d5001337", "d:073d5001337"})
    BOOST_TEST(!lifx::parse_mac(x).has_value(), x);
  BOOST_TEST(lifx::to_string(mac) == "d0:73:d5:00:13:37");
}

BOOST_AUTO_TEST_CASE(mistakes_are_told_at_their_key) {
  const std::string good = "mac = \"d0:73:d5:00:13:37\"\n";
  BOOST_TEST(complains("", "mac: required"));
  BOOST_TEST(complains("mac = \"kitchen\"\n", "printed on the lamp"));
  BOOST_TEST(complains(good + "address = \"\"\n", "address: required"));
  BOOST_TEST(complains(good + "address = \"10.0.0.7:x\"\n",
                       "'10.0.0.7:x' is not an address"));
  BOOST_TEST(
    complains(good + "address = \"fe80::1\"\n", "\"[fd00::20]:56700\""));
  BOOST_TEST(complains(good + "address = \"http://10.0.0.7\"\n", "address"));
  BOOST_TEST(complains(good + "broadcast = \"10.0.0.7/24\"\n", "broadcast"));
  const configured misspelt{bulb + std::string{"adress = \"10.0.0.7\"\n"}};
  BOOST_TEST(misspelt.complaint().find("did you mean 'address'?")
             != std::string::npos);
}
