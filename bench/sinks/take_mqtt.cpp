// OASIS "MQTT Version 3.1.1", chapters 2 and 3.
#include "bench/sinks/intake.hpp"

namespace signalbox::bench {

namespace {

enum class packet_type : std::uint8_t {
  connect = 1,
  publish = 3,
  pingreq = 12,
  disconnect = 14,
};

constexpr std::string_view connack{"\x20\x02\x00\x00", 4};
constexpr std::string_view pingresp{"\xd0\x00", 2};

std::size_t byte_at(std::string_view x, std::size_t i) {
  return static_cast<unsigned char>(x[i]);
}

/// A packet without its fixed header, and how many bytes it has with it.
struct packet {
  std::size_t first_byte = 0;
  std::string_view rest;
  std::size_t size = 0; ///< 0: it is not there as a whole.
};

/// Nothing if the length is not one.
std::optional<packet> next_packet(std::string_view input) {
  std::size_t length = 0;
  for (std::size_t i = 1; i < input.size(); ++i) {
    if (i > 4)
      return std::nullopt;
    length |= (byte_at(input, i) & 0x7fU) << (7 * (i - 1));
    if ((byte_at(input, i) & 0x80U) != 0)
      continue;
    if (input.size() - i - 1 < length)
      break;
    return packet{byte_at(input, 0), input.substr(i + 1, length),
                  i + 1 + length};
  }
  return packet{};
}

bool take_publish(const packet& x, intake& in, std::string& answers) {
  const auto qos = (x.first_byte >> 1U) & 3U;
  if (qos > 1 || x.rest.size() < 2)
    return false;
  const auto topic_end = 2 + ((byte_at(x.rest, 0) << 8U) | byte_at(x.rest, 1));
  const auto payload = topic_end + (qos == 0 ? 0 : 2);
  if (x.rest.size() < payload)
    return false;
  in.add(x.rest.substr(payload));
  if (qos == 1) {
    answers.append("\x40\x02", 2);
    answers.append(x.rest.substr(topic_end, 2));
  }
  return true;
}

} // namespace

std::optional<std::size_t> take_mqtt(std::string_view input, intake& in,
                                     std::string& answers) {
  std::size_t taken = 0;
  for (;;) {
    const auto x = next_packet(input.substr(taken));
    if (!x)
      return std::nullopt;
    if (x->size == 0)
      return taken;
    taken += x->size;
    switch (static_cast<packet_type>(x->first_byte >> 4U)) {
    case packet_type::publish:
      if (!take_publish(*x, in, answers))
        return std::nullopt;
      break;
    case packet_type::connect:
      answers += connack;
      break;
    case packet_type::pingreq:
      answers += pingresp;
      break;
    case packet_type::disconnect:
      break;
    default:
      return std::nullopt;
    }
  }
}

} // namespace signalbox::bench
