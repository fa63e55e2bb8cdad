// User events as the senders of a house would send them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::bench {

/// How sample events are written.
enum class wire_form : std::uint8_t {
  qlik, ///< Lines of Qlik Sense's appenders, generation G2.
  json, ///< The same content as native JSON events.
};

/// Constructed datagrams of some 300 bytes (JSON: 400), one event each: 1,000
/// users on 8 hosts with 50 apps and 4 browsers, all four commands. The same on
/// each call.
std::vector<std::string> sample_datagrams(wire_form form = wire_form::qlik);

/// The same, all of one length: spaces are added to the message. UDP GSO splits
/// a buffer into pieces of one size.
std::vector<std::string> equal_datagrams(wire_form form = wire_form::qlik);

} // namespace signalbox::bench
