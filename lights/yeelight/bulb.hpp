// One Yeelight lamp: commands as lines of JSON over a connection that is kept.
// Source: Yeelight WiFi Light Inter-Operation Specification.
#pragma once

#include "endpoints/transport.hpp"
#include "lights/lamp_address.hpp"
#include "net/line_connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::lights::yeelight {

inline constexpr std::uint16_t default_port = 55'443;

/// What a line from the lamp means for a command.
struct reply {
  bool ours = false;   ///< Else it is a notification, or someone's answer.
  std::string error{}; ///< The lamp's own words, sanitised; empty: done.
};

/// What stands before the lamp's own words when it refuses a command.
inline constexpr std::string_view lamp_says = "the lamp says: ";

/// Reads one line. @param id Of the command.
reply read_reply(std::string_view line, std::int64_t id);

/// Writes each request's line and waits 0.4 s for the answer with its id. A
/// connection may take a second, and one that has failed is opened again, once
/// a request.
class bulb final : public byte_writer {
public:
  explicit bulb(lamp_address where);

  write_answer write(const write_request& request) override;

private:
  result<reply> ask(const std::string& line);

  lamp_address where_;
  std::optional<net::line_connection> lines_;
};

} // namespace signalbox::lights::yeelight
