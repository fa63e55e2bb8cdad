// The one thing that Signalbox carries: what a user did.
#pragma once

#include "messages/clock.hpp"
#include "messages/endpoint.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace signalbox {

/// What happened. The first four are Qlik Sense's commands.
enum class event_kind : std::uint8_t {
  session_start,    ///< "Start session"
  session_stop,     ///< "Stop session"
  connection_open,  ///< "Open connection"
  connection_close, ///< "Close connection"
  other,            ///< Any other command; its text is kept.
  count,            ///< Number of kinds; no event has it.
};

/// The name used in config files, JSON and metrics: "session_start".
std::string_view to_string(event_kind kind) noexcept;

/// The reverse of `to_string`; empty for an unknown name.
std::optional<event_kind> kind_from_name(std::string_view name) noexcept;

/// The exact spelling that Qlik Sense sends: "Start session"; empty for
/// `other`.
std::string_view command_of(event_kind kind) noexcept;

/// The kind for a command as Qlik Sense spells it; `other` for any other text.
event_kind kind_from_command(std::string_view command) noexcept;

/// A 128-bit id, ordered by time: UUID version 7 (RFC 9562) whose random part
/// holds node, boot and a counter.
struct event_id {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  auto operator<=>(const event_id&) const = default;
};

/// "0193…-…": the 36 characters of a UUID.
using event_id_text = std::array<char, 36>;
event_id_text text_of(const event_id& id) noexcept;
std::string to_string(const event_id& id);

/// Hands out ids that no other node, boot or call hands out. Not thread-safe:
/// one per parser, told apart by `lane`.
class id_source {
public:
  /// @param node The node's name; hashed into the id.
  /// @param boot Start of this process, so that restarts do not repeat ids.
  /// @param lane Tells sources of one process apart; below 64.
  id_source(std::string_view node, wall_time boot, std::uint8_t lane) noexcept;

  event_id next(wall_time now) noexcept;

private:
  std::uint64_t node_;
  std::uint64_t origin_;
  std::uint64_t counter_ = 0;
};

/// A name and a value beyond the known fields.
struct attribute {
  std::string_view name;
  std::string_view value;
};

/// One event. All text is valid UTF-8 without control characters, and is a
/// view into the `event_batch` that holds the event: it lives as long as the
/// batch. Absent text is empty ("(null)" on the wire, too).
struct event {
  event_id id;
  event_kind kind = event_kind::other;
  bool ambiguous = false;   ///< Stray separators: fields were resynchronised.
  bool replayed = false;    ///< Sent again by hand.
  std::string_view command; ///< As sent: "Start session".
  std::string_view host;
  std::string_view user_directory;
  std::string_view user_id;
  std::string_view origin;
  std::string_view context;
  std::string_view message;
  std::string_view app_id;        ///< Lower-case GUID.
  std::string_view app_name;      ///< From the user's table.
  std::string_view user_agent;    ///< Raw, without quotes.
  std::string_view browser;       ///< "Chrome"
  std::string_view browser_major; ///< "119"
  std::string_view os;            ///< "Windows"
  std::string_view os_version;    ///< "10"; may be empty.
  endpoint source;
  wall_time received;            ///< When the kernel received it.
  std::optional<wall_time> sent; ///< Where the format has it.
  std::uint64_t row_number = 0;  ///< Where the format has it; 0 means none.
  std::string_view external_id;  ///< The sender's own id (JSON), if any.
  std::span<const attribute> attributes;
};

} // namespace signalbox
