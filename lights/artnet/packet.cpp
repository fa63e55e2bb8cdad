#include "lights/artnet/packet.hpp"

namespace signalbox::lights::artnet {

std::uint8_t sequence_number(std::uint64_t frame) {
  return static_cast<std::uint8_t>(frame % 255 + 1);
}

std::string dmx_packet(std::uint16_t port_address, std::uint8_t sequence,
                       std::string_view slots) {
  using namespace std::string_view_literals;
  const auto low = [](std::size_t x) {
    return static_cast<char>(x & 0xFFU);
  };
  std::string out{"Art-Net\0"sv};
  out += "\x00\x50"sv; // OpDmx, little-endian
  out += "\x00\x0e"sv; // version 14
  out += low(sequence);
  out += '\0'; // physical input port: none
  out += low(port_address);
  out += low(port_address >> 8U);
  out += low(slots.size() >> 8U);
  out += low(slots.size());
  out += slots;
  return out;
}

} // namespace signalbox::lights::artnet
