#include "lights/lifx/packet.hpp"

#include <bit>
#include <cstddef>
#include <limits>

namespace signalbox::lights::lifx {

namespace {

constexpr std::size_t header_size = 36;

// Types of packets that we send.
constexpr std::uint16_t type_get_service = 2;
constexpr std::uint16_t type_set_color = 102;
constexpr std::uint16_t type_set_waveform = 103;
constexpr std::uint16_t type_light_set_power = 117;

constexpr std::uint16_t protocol = 1024;
constexpr std::uint16_t protocol_mask = 0x0FFF;
constexpr std::uint16_t addressable = 1U << 12U;
constexpr std::uint16_t tagged = 1U << 13U; // for everybody
constexpr std::uint8_t ack_required = 1U << 1U;

/// Appends the low bytes of a number.
void put(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i)
    out += static_cast<char>(value >> (8 * i) & 0xFFU);
}

std::uint64_t get(std::string_view from, std::size_t at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    value |= std::uint64_t{static_cast<unsigned char>(from[at + i])} << (8 * i);
  return value;
}

/// @param lamp Null: everybody, who answers without being asked to.
std::string packet(std::uint16_t type, const mac_address* lamp, ticket x,
                   std::string_view payload) {
  std::string out;
  put(out, header_size + payload.size(), 2);
  put(out, protocol | addressable | (lamp == nullptr ? tagged : 0U), 2);
  put(out, x.source, 4);
  for (const auto part : lamp == nullptr ? mac_address{} : *lamp)
    put(out, part, 1);
  put(out, 0, 2 + 6);
  put(out, lamp == nullptr ? 0U : ack_required, 1);
  put(out, x.sequence, 1);
  put(out, 0, 8);
  put(out, type, 2);
  put(out, 0, 2);
  out += payload;
  return out;
}

void put(std::string& out, const hsbk& x) {
  for (const auto part : {x.hue, x.saturation, x.brightness, x.kelvin})
    put(out, part, 2);
}

std::uint64_t ms(std::chrono::milliseconds x) {
  return static_cast<std::uint64_t>(x.count());
}

} // namespace

std::optional<mac_address> parse_mac(std::string_view text) {
  mac_address out{};
  std::size_t digits = 0;
  for (const auto x : text) {
    if ((x == ':' || x == '-') && digits % 2 == 0 && digits > 0)
      continue;
    const auto lower = x >= 'A' && x <= 'F' ? static_cast<char>(x + 32) : x;
    const auto digit = std::string_view{"0123456789abcdef"}.find(lower);
    if (digit == std::string_view::npos || digits == 2 * out.size())
      return std::nullopt;
    auto& part = out.at(digits++ / 2);
    part = static_cast<std::uint8_t>(static_cast<unsigned>(part) << 4U | digit);
  }
  if (digits != 2 * out.size())
    return std::nullopt;
  return out;
}

std::string to_string(const mac_address& x) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const auto part : x) {
    out += out.empty() ? "" : ":";
    out += digits[part >> 4U];
    out += digits[part & 0xFU];
  }
  return out;
}

std::string get_service(ticket x) {
  return packet(type_get_service, nullptr, x, {});
}

std::string set_color(const mac_address& lamp, ticket x, const hsbk& color,
                      std::chrono::milliseconds fade) {
  std::string payload(1, '\0');
  put(payload, color);
  put(payload, ms(fade), 4);
  return packet(type_set_color, &lamp, x, payload);
}

std::string set_power(const mac_address& lamp, ticket x, bool on,
                      std::chrono::milliseconds fade) {
  std::string payload;
  put(payload, on ? 0xFFFF : 0, 2);
  put(payload, ms(fade), 4);
  return packet(type_light_set_power, &lamp, x, payload);
}

std::string set_waveform(const mac_address& lamp, ticket x, const hsbk& color,
                         waveform form, std::chrono::milliseconds period,
                         float cycles) {
  std::string payload(1, '\0');
  put(payload, 1, 1); // transient: returns to what it showed
  put(payload, color);
  put(payload, ms(period), 4);
  put(payload, std::bit_cast<std::uint32_t>(cycles), 4);
  put(payload, 0, 2); // skew: one half each
  put(payload, static_cast<std::uint8_t>(form), 1);
  return packet(type_set_waveform, &lamp, x, payload);
}

ticket ticket_of(std::string_view packet) {
  if (packet.size() < header_size)
    return {};
  return {static_cast<std::uint32_t>(get(packet, 4, 4)),
          static_cast<std::uint8_t>(get(packet, 23, 1))};
}

std::optional<answer> parse(std::string_view bytes) {
  if (bytes.size() < header_size || get(bytes, 0, 2) != bytes.size()
      || (get(bytes, 2, 2) & protocol_mask) != protocol)
    return std::nullopt;
  answer x;
  x.to = ticket_of(bytes);
  for (std::size_t i = 0; i < x.from.size(); ++i)
    x.from.at(i) = static_cast<std::uint8_t>(bytes[8 + i]);
  x.type = static_cast<std::uint16_t>(get(bytes, 32, 2));
  x.payload = bytes.substr(header_size);
  return x;
}

std::optional<std::uint16_t> service_port(std::string_view payload) {
  constexpr std::uint64_t udp = 1;
  if (payload.size() < 5 || get(payload, 0, 1) != udp)
    return std::nullopt;
  const auto port = get(payload, 1, 4);
  if (port == 0 || port > std::numeric_limits<std::uint16_t>::max())
    return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

} // namespace signalbox::lights::lifx
