// LIFX's LAN protocol: packets of a header and a payload, little-endian.
// Source: lan.developer.lifx.com, and protocol.yml of LIFX/public-protocol.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::lights::lifx {

inline constexpr std::uint16_t default_port = 56'700;

/// "d0:73:d5:00:13:37": printed on the lamp, and in the app.
using mac_address = std::array<std::uint8_t, 6>;

/// With or without colons or hyphens, in any case.
std::optional<mac_address> parse_mac(std::string_view text);

std::string to_string(const mac_address& x);

/// What tells answers apart: they carry both numbers of their question.
struct ticket {
  std::uint32_t source = 0; ///< Whose question it is; not 0.
  std::uint8_t sequence = 0;

  bool operator==(const ticket&) const = default;
};

/// A colour as LIFX has it: parts of 65,535, and a white's warmth.
struct hsbk {
  std::uint16_t hue = 0;
  std::uint16_t saturation = 0;
  std::uint16_t brightness = 0;
  std::uint16_t kelvin = 3'500; ///< 1,500 to 9,000.

  bool operator==(const hsbk&) const = default;
};

enum class waveform : std::uint8_t { sine = 1, pulse = 4 };

/// Types of packets that lamps send.
enum class answer_type : std::uint16_t {
  service = 3,
  acknowledgement = 45,
  unhandled = 223, ///< The lamp does not know what it was asked.
};

struct answer {
  ticket to;
  mac_address from{};
  std::uint16_t type = 0;
  std::string_view payload; ///< Into the bytes that were parsed.
};

/// "Who is there?", for a broadcast.
std::string get_service(ticket x);

/// The others ask for an acknowledgement.
std::string set_color(const mac_address& lamp, ticket x, const hsbk& color,
                      std::chrono::milliseconds fade);

std::string set_power(const mac_address& lamp, ticket x, bool on,
                      std::chrono::milliseconds fade);

/// Swings between what the lamp shows and `color`, `cycles` times, and returns
/// to what it showed.
std::string set_waveform(const mac_address& lamp, ticket x, const hsbk& color,
                         waveform form, std::chrono::milliseconds period,
                         float cycles);

/// The ticket of a packet of ours.
ticket ticket_of(std::string_view packet);

/// Null: not LIFX's, or cut.
std::optional<answer> parse(std::string_view bytes);

/// The UDP port of a StateService's payload; null if it offers none.
std::optional<std::uint16_t> service_port(std::string_view payload);

} // namespace signalbox::lights::lifx
