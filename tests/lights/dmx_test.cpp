// Art-Net and sACN. The frames are written down from the protocols'
// descriptions, field by field.
#include "lights/artnet/packet.hpp"
#include "lights/dmx/layout.hpp"
#include "lights/sacn/packet.hpp"
#include "tests/lights/configured.hpp"
#include "tests/lights/hex.hpp"
#include "tests/lights/udp_device.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <variant>
#include <vector>

using namespace signalbox;
using namespace signalbox::lights;
using namespace std::chrono_literals;
using test::configured;
using test::hex;
using test::times;
using test::udp_device;

namespace {

constexpr color amber{{255, 191, 0}};

std::string slots(const command& x, dmx::layout as = dmx::layout::rgb) {
  return hex(dmx::slots_of(x, as));
}

/// An ArtDmx packet of 512 slots.
std::string artnet_frame(const std::string& sequence,
                         const std::string& port_address,
                         const std::string& slots) {
  return "4172742d4e657400" // "Art-Net", zero
         "0050"             // OpDmx 0x5000, low byte first
         "000e"             // protocol version 14
         + sequence + "00"  // physical port
         + port_address     // SubUni, Net
         + "0200"           // length 512
         + slots + times(512 - slots.size() / 2, "00");
}

/// An E1.31 data packet of 512 slots, 638 bytes.
std::string sacn_frame(const std::string& id, const std::string& sequence,
                       const std::string& universe, const std::string& slots) {
  return "0010"
         "0000"                       // preamble, postamble
         "4153432d45312e3137000000"   // "ASC-E1.17", three zeros
         "726e"                       // 0x7000 | 622 bytes from here
         "00000004"                   // an E1.31 data packet
         + id                         // the sender's UUID
         + "7258"                     // 0x7000 | 600 bytes from here
           "00000002"                 // a data packet
           "5369676e616c626f78"       // "Signalbox", filled with zeros
         + times(55, "00")            // to 64 bytes
         + "64"                       // priority 100
           "0000"                     // no synchronisation
         + sequence + "00" + universe // options: none
         + "720b"                     // 0x7000 | 523 bytes from here
           "02"
           "a1"
           "0000"
           "0001"
           "0201" // set property: 513 of them
           "00"   // start code: DMX
         + slots + times(512 - slots.size() / 2, "00");
}

struct opened {
  driver_ptr lamp;
  std::unique_ptr<byte_writer> writer;
};

opened open(const std::string& keys) {
  configured made{keys};
  BOOST_TEST_REQUIRE(made.it != nullptr, made.complaint());
  auto writer =
    std::get<std::unique_ptr<byte_writer>>(made.it->open_transport());
  return {std::move(made.it), std::move(writer)};
}

void tell(const opened& to, const command& x) {
  for (const auto& request : to.lamp->shape(x, nullptr)) {
    const auto answer = to.writer->write(std::get<write_request>(request));
    BOOST_TEST(answer.error == "");
  }
}

std::string keys_of(const std::string& driver, const udp_device& node,
                    const std::string& more) {
  return "driver = \"" + driver + "\"\naddress = \"127.0.0.1:"
         + std::to_string(node.port()) + "\"\n" + more;
}

std::string heard(udp_device& node) {
  return hex(node.hear().value_or("nothing"));
}

bool complains(const std::string& keys, std::string_view words) {
  const configured made{keys};
  BOOST_TEST(made.it == nullptr);
  return made.complaint().find(words) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_CASE(fills_the_slots_of_each_layout) {
  using enum dmx::layout;
  BOOST_TEST(slots({show::on, amber}) == "ffbf00");
  BOOST_TEST(slots({show::fade, amber, 0.5}) == "806000");
  BOOST_TEST(slots({show::on, amber}, grb) == "bfff00");
  BOOST_TEST(slots({show::on, {{255, 191, 100}}}, rgbw) == "9b5b0064");
  BOOST_TEST(slots({show::on, amber, 0.5}, dimmer_rgb) == "80ffbf00");
  BOOST_TEST(slots({show::on, amber, 0.0001}, dimmer_rgb) == "01ffbf00");
  BOOST_TEST(slots({}) == "000000");
  BOOST_TEST(slots({}, rgbw) == "00000000");
  BOOST_TEST(slots({}, dimmer_rgb) == "00000000");
}

BOOST_AUTO_TEST_CASE(an_artnet_packet_is_as_the_protocol_says) {
  // Universe 0x1234: sub-net and universe 0x34, net 0x12.
  BOOST_TEST(hex(artnet::dmx_packet(0x1234, 9, "abcd"))
             == "4172742d4e657400"
                "0050"
                "000e"
                "09"
                "00"
                "3412"
                "0004"
                "61626364");
}

BOOST_AUTO_TEST_CASE(a_sacn_packet_is_as_the_protocol_says) {
  sacn::component_id id{};
  for (std::size_t i = 0; i < id.size(); ++i)
    id.at(i) = static_cast<std::uint8_t>(0xa0 + i);
  const auto packet = sacn::data_packet({.id = id, .name = "Signalbox"}, 0x1234,
                                        255, std::string(512, '\x7f'));
  BOOST_TEST(packet.size() == 638U);
  BOOST_TEST(hex(packet)
             == sacn_frame("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf", "ff", "1234",
                           times(512, "7f")));
  BOOST_TEST(sacn::data_packet({.name = std::string(99, 'x')}, 1, 0, "").size()
             == 126U);
}

BOOST_AUTO_TEST_CASE(each_universe_has_a_group_of_its_own) {
  BOOST_TEST(sacn::group_of(1) == "239.255.0.1");
  BOOST_TEST(sacn::group_of(63'999) == "239.255.249.255");
}

BOOST_AUTO_TEST_CASE(the_id_is_a_random_uuid) {
  const auto& id = sacn::own_id();
  BOOST_TEST((id[6] & 0xF0U) == 0x40U);
  BOOST_TEST((id[8] & 0xC0U) == 0x80U);
  BOOST_TEST((sacn::own_id() == id));
}

BOOST_AUTO_TEST_CASE(artnet_frames_reach_the_node) {
  udp_device node;
  const auto lamp = open(keys_of("artnet", node, "universe = 1\nchannel = 7"));
  tell(lamp, {show::on, amber});
  BOOST_TEST(heard(node)
             == artnet_frame("01", "0100", times(6, "00") + "ffbf00"));
  tell(lamp, {});
  BOOST_TEST(heard(node) == artnet_frame("02", "0100", ""));
}

BOOST_AUTO_TEST_CASE(sacn_frames_reach_the_node) {
  udp_device node;
  const auto lamp = open(keys_of("sacn", node, "universe = 258"));
  std::string id;
  for (const auto part : sacn::own_id())
    id += hex(std::string(1, static_cast<char>(part)));
  tell(lamp, {show::on, amber});
  BOOST_TEST(heard(node) == sacn_frame(id, "00", "0102", "ffbf00"));
  tell(lamp, {});
  BOOST_TEST(heard(node) == sacn_frame(id, "01", "0102", ""));
}

BOOST_AUTO_TEST_CASE(lamps_of_one_universe_leave_each_other_alone) {
  udp_device node;
  const auto a = open(keys_of("artnet", node, "universe = 0\nchannel = 1"));
  const auto b = open(keys_of("artnet", node, "universe = 0\nchannel = 510"));
  const auto c = open(keys_of("artnet", node, "universe = 1"));
  tell(a, {show::on, amber});
  BOOST_TEST(heard(node) == artnet_frame("01", "0000", "ffbf00"));
  tell(b, {show::on, amber});
  BOOST_TEST(
    heard(node)
    == artnet_frame("02", "0000", "ffbf00" + times(506, "00") + "ffbf00"));
  tell(a, {});
  BOOST_TEST(heard(node)
             == artnet_frame("03", "0000", times(509, "00") + "ffbf00"));
  tell(c, {show::on, amber});
  BOOST_TEST(heard(node) == artnet_frame("01", "0100", "ffbf00"));
}

BOOST_AUTO_TEST_CASE(a_lamp_that_is_told_again_costs_no_frame_of_its_own) {
  udp_device node;
  const auto a = open(keys_of("artnet", node, "universe = 5\nchannel = 1"));
  const auto b = open(keys_of("artnet", node, "universe = 5\nchannel = 4"));
  tell(a, {show::on, amber});
  BOOST_TEST(heard(node) == artnet_frame("01", "0500", "ffbf00"));
  // The frame has just told that it is dark.
  tell(b, {});
  tell(a, {show::on, amber});
  tell(b, {show::on, amber});
  BOOST_TEST(heard(node) == artnet_frame("02", "0500", "ffbf00ffbf00"));
}

BOOST_AUTO_TEST_CASE(the_slots_of_a_lamp_that_is_gone_are_dark) {
  udp_device node;
  const auto stays = open(keys_of("artnet", node, "universe = 6\nchannel = 4"));
  {
    const auto goes =
      open(keys_of("artnet", node, "universe = 6\nchannel = 1"));
    tell(goes, {show::on, amber});
    BOOST_TEST(heard(node) == artnet_frame("01", "0600", "ffbf00"));
  }
  tell(stays, {show::on, amber});
  BOOST_TEST(heard(node) == artnet_frame("02", "0600", "000000ffbf00"));
}

BOOST_AUTO_TEST_CASE(a_lamp_that_takes_over_keeps_its_slots) {
  udp_device node;
  const auto keys = keys_of("artnet", node, "universe = 7\nchannel = 1");
  auto old = open(keys);
  tell(old, {show::on, amber});
  BOOST_TEST(heard(node) == artnet_frame("01", "0700", "ffbf00"));
  const auto successor = open(keys);
  tell(successor, {show::on, {{1, 2, 3}}});
  BOOST_TEST(heard(node) == artnet_frame("02", "0700", "010203"));
  old = {};
  const auto other = open(keys_of("artnet", node, "universe = 7\nchannel = 4"));
  tell(other, {show::on, amber});
  BOOST_TEST(heard(node) == artnet_frame("03", "0700", "010203ffbf00"));
}

BOOST_AUTO_TEST_CASE(lamps_that_change_together_share_frames) {
  udp_device node;
  std::vector<opened> lamps;
  for (auto i = 0; i < 8; ++i)
    lamps.push_back(open(keys_of(
      "artnet", node, fmt::format("universe = 8\nchannel = {}", 1 + 3 * i))));
  // As in the engine, each writer has a thread of its own.
  std::vector<std::jthread> threads;
  for (const auto& x : lamps)
    threads.emplace_back([&x] { x.writer->write({"\x01\x02\x03"}); });
  threads.clear();
  auto frames = 0;
  std::string last;
  while (last != times(8, "010203")) {
    const auto frame = heard(node);
    BOOST_REQUIRE(frame.size() == 2 * 530U);
    last = frame.substr(36, 48);
    ++frames;
  }
  BOOST_TEST(frames < 8);
}

BOOST_AUTO_TEST_CASE(an_artnet_number_is_never_0_which_would_be_none) {
  for (std::uint64_t i = 0; i < 600; ++i)
    BOOST_TEST(artnet::sequence_number(i) == i % 255 + 1);
}

BOOST_AUTO_TEST_CASE(is_told_again_before_nodes_give_up) {
  for (const std::string driver : {"artnet", "sacn"}) {
    const configured x{"driver = \"" + driver
                       + "\"\naddress = \"10.0.0.7\"\nuniverse = 1"};
    BOOST_TEST((x.it->can().reassert == 800ms));
    BOOST_TEST(x.it->can().max_rate == 40);
    BOOST_TEST(!x.it->can().blinks);
    // Its universe paces frames; the engine would pace fixtures.
    BOOST_TEST(x.it->hangs_on().account.empty());
  }
}

BOOST_AUTO_TEST_CASE(failures_come_with_a_cure) {
  const auto words = [](const std::string& keys) {
    const auto x = open(keys);
    return x.lamp->judge(x.writer->write({"abc"}), wall_time{}).reason;
  };
  const auto port = udp_device{}.port();
  const auto where = "127.0.0.1:" + std::to_string(port);
  BOOST_TEST(
    words("driver = \"artnet\"\nuniverse = 1\naddress = \"" + where + "\"")
    == "nobody listens on " + where
         + "; is the node switched on, and is this its address?");
  BOOST_TEST(words("driver = \"sacn\"\nuniverse = 1\ninterface = \"nosuch0\"")
             == "cannot send to 239.255.0.1:5568: this machine has no network "
                "interface 'nosuch0'; name the network interface of the lamps "
                "(interface = \"eth0\"), or set the node's address");
}

BOOST_AUTO_TEST_CASE(mistakes_are_told_at_their_key) {
  const std::string artnet = "driver = \"artnet\"\n";
  const std::string there = "address = \"10.0.0.7\"\nuniverse = 1\n";
  BOOST_TEST(complains(artnet + "universe = 1", "address: required"));
  BOOST_TEST(complains(artnet + "address = \"h\"", "universe: required"));
  BOOST_TEST(complains(artnet + there + "channel = 0", "channel"));
  BOOST_TEST(complains(artnet + there + "channel = 511", "beyond slot 512"));
  BOOST_TEST(complains(artnet + there + "layout = \"bgr\"", "layout"));
  BOOST_TEST(
    complains(artnet + "address = \"h\"\nuniverse = 32768", "universe"));
  const std::string sacn = "driver = \"sacn\"\n";
  BOOST_TEST(complains(sacn, "universe: required"));
  BOOST_TEST(complains(sacn + "universe = 0", "universe"));
  BOOST_TEST(
    complains(sacn + there + "interface = \"eth0\"", "is for multicast"));
  BOOST_TEST(complains(sacn + "universe = 1\naddress = \"\"", "address"));
}
