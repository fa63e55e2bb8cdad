// Events that a destination gave up, kept for a person to look at and to send
// again.
#pragma once

#include "messages/clock.hpp"
#include "messages/event_batch.hpp"
#include "messages/log.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox {

/// Why an event was given up.
enum class dead_reason : std::uint8_t {
  refused,     ///< The destination refused this event itself.
  exhausted,   ///< Every attempt failed.
  unavailable, ///< The destination was at fault until the event expired.
  count,       ///< Number of reasons; no letter has it.
};

/// "refused", "exhausted", "unavailable".
std::string_view to_string(dead_reason x) noexcept;

/// The reverse of `to_string`; empty for an unknown name.
std::optional<dead_reason>
dead_reason_from_name(std::string_view name) noexcept;

/// One attempt to deliver.
struct delivery_attempt {
  wall_time at;
  std::string answer; ///< Sanitised, at most 300 characters.

  bool operator==(const delivery_attempt&) const = default;
};

/// One event that a destination gave up.
struct dead_letter {
  /// Attempts that are kept: the first and the last ones.
  static constexpr std::size_t kept_attempts = 10;

  std::uint64_t id = 0; ///< Given by the store; 0: not stored yet.
  std::string destination;
  dead_reason reason = dead_reason::refused;
  std::string answer; ///< The last one; sanitised, at most 300 characters.
  wall_time buried;
  std::uint32_t attempts = 0; ///< In all, also those that are not kept.
  std::vector<delivery_attempt> history; ///< At most `kept_attempts`.
  bool requested = false;                ///< Somebody wants it sent again.
  /// The event, kept alive by its batch; both null for a digest that was
  /// refused, whose events are not kept one by one.
  event_batch_ptr batch;
  const event* what = nullptr;
  std::uint64_t events = 1; ///< How many events it stands for.
};

/// Which dead letters: all conditions must hold.
struct letter_query {
  std::uint64_t id = 0;                   ///< 0: any.
  std::string destination;                ///< Empty: any.
  std::optional<dead_reason> reason;      ///< Absent: any.
  std::optional<wall_time> buried_before; ///< Absent: any age.
  bool requested_only = false;
  std::uint64_t after = 0;   ///< Only ids above.
  std::uint32_t limit = 100; ///< At most so many, by id; for lists only.
};

/// Dead letters, by id.
struct letter_page {
  std::vector<dead_letter> letters;
  std::uint64_t total = 0; ///< That match, `after` and `limit` apart.
};

using letter_page_ptr = std::shared_ptr<const letter_page>;

/// How far a destination has come: what the journal keeps of it, in one step.
struct progress {
  position at;
  std::vector<dead_letter> buried;     ///< Events that were given up.
  std::vector<std::uint64_t> absolved; ///< Dead letters that were delivered.
};

using progress_ptr = std::shared_ptr<progress>;

/// For a reader that owes nobody anything: it has read all before `next`.
inline progress_ptr reached(sequence next) {
  auto x = std::make_shared<progress>();
  x->at.where.next = next;
  return x;
}

} // namespace signalbox
