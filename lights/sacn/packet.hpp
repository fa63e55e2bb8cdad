// Streaming ACN: the packet that carries a universe. Source: ANSI E1.31-2018,
// tables 4-1 to 4-3.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox::lights::sacn {

inline constexpr std::uint16_t default_port = 5'568;

/// Who is sending: a UUID.
using component_id = std::array<std::uint8_t, 16>;

/// A random one (RFC 9562, version 4), the same as long as the process lives.
const component_id& own_id();

struct source {
  component_id id{};
  std::string_view name;       ///< At most 63 bytes are sent.
  std::uint8_t priority = 100; ///< 0 to 200; receivers follow the highest.
};

/// "239.255.0.1": where everybody listens who wants this universe.
std::string group_of(std::uint16_t universe);

/// @param universe 1 to 63,999.
/// @param slots At most 512.
std::string data_packet(const source& from, std::uint16_t universe,
                        std::uint8_t sequence, std::string_view slots);

} // namespace signalbox::lights::sacn
