#include "lights/sacn/packet.hpp"

#include <cstddef>
#include <random>

namespace signalbox::lights::sacn {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t name_size = 64; // with its final zero

void put(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (auto i = bytes; i > 0; --i)
    out += static_cast<char>(value >> (8 * (i - 1)) & 0xFFU);
}

/// The flags and length of a layer that goes from `at` to the packet's end.
void put_length(std::string& out, std::size_t end) {
  put(out, 0x7000U | (end - out.size()), 2);
}

} // namespace

const component_id& own_id() {
  static const auto id = [] {
    std::random_device random;
    component_id x{};
    for (auto& part : x)
      part = static_cast<std::uint8_t>(random());
    x[6] = static_cast<std::uint8_t>((x[6] & 0x0FU) | 0x40U);
    x[8] = static_cast<std::uint8_t>((x[8] & 0x3FU) | 0x80U);
    return x;
  }();
  return id;
}

std::string group_of(std::uint16_t universe) {
  return "239.255." + std::to_string(universe >> 8U) + "."
         + std::to_string(universe & 0xFFU);
}

std::string data_packet(const source& from, std::uint16_t universe,
                        std::uint8_t sequence, std::string_view slots) {
  const auto end = 126 + slots.size();
  std::string out{"\x00\x10\x00\x00"sv};
  out += "ASC-E1.17\0\0\0"sv;
  put_length(out, end); // root layer
  put(out, 4, 4);       // E1.31 data
  for (const auto part : from.id)
    put(out, part, 1);
  put_length(out, end); // framing layer
  put(out, 2, 4);       // data
  out += from.name.substr(0, name_size - 1);
  out.resize(44 + name_size);
  put(out, from.priority, 1);
  put(out, 0, 2); // no synchronisation
  put(out, sequence, 1);
  put(out, 0, 1); // options: a live stream, that goes on
  put(out, universe, 2);
  put_length(out, end); // DMP layer
  put(out, 0x02, 1);    // set property
  put(out, 0xA1, 1);    // type of address and data
  put(out, 0, 2);       // first property
  put(out, 1, 2);       // increment
  put(out, 1 + slots.size(), 2);
  put(out, 0, 1); // start code: DMX
  out += slots;
  return out;
}

} // namespace signalbox::lights::sacn
