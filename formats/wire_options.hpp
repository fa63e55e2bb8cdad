// How a listener's datagrams are to be read.
#pragma once

#include <cstdint>

namespace signalbox {

/// Which forms a listener accepts; `automatic` tells them apart by content.
enum class wire_format : std::uint8_t { automatic, qlik, json };

/// How text is encoded; G0 senders use their ANSI code page.
enum class wire_encoding : std::uint8_t { utf8, windows_1252 };

} // namespace signalbox
