// Art-Net 4: the packet that carries a universe. Source: Art-Net 4 protocol
// specification, "ArtDmx".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox::lights::artnet {

inline constexpr std::uint16_t default_port = 6'454;

/// The number of a frame, from 1 to 255, over and over: 0 would be none.
std::uint8_t sequence_number(std::uint64_t frame);

/// @param port_address Net, sub-net and universe in one: 0 to 32,767.
/// @param sequence 1 to 255; 0: frames are not counted.
/// @param slots An even number of them, 2 to 512.
std::string dmx_packet(std::uint16_t port_address, std::uint8_t sequence,
                       std::string_view slots);

} // namespace signalbox::lights::artnet
