// Events for the micro benchmarks.
#pragma once

#include "formats/wire_parser.hpp"
#include "messages/datagram_batch.hpp"
#include "messages/event_batch.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace signalbox::bench {

/// Datagrams of the texts, round and round, as ingest would hand them on.
/// @param from The text to begin with.
datagram_batch_ptr wire_of(const std::vector<std::string>& texts,
                           std::size_t count, std::size_t from = 0);

/// What the engine's parsers do by default: user agents are parsed, too, where
/// their rules are installed.
wire_parser::options parser_options();

/// Events of the sample load, round and round, with all that the parser
/// derives.
event_batch_builder sample_events(std::size_t count);

} // namespace signalbox::bench
