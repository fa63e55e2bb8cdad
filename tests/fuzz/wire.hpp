// What must hold for any datagram, whatever it is read as.
#pragma once

#include "formats/wire_parser.hpp"

#include <string_view>

namespace signalbox::fuzz {

/// Parses `input` as one datagram, checks its events, and reads back what they
/// are written as.
void check_datagram(std::string_view input, wire_format format,
                    wire_encoding encoding);

} // namespace signalbox::fuzz
