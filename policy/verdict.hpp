// What an answer means: the table "How an answer is judged".
#pragma once

#include "messages/clock.hpp"
#include "messages/delivery.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox {

/// What to do after an answer.
enum class outcome : std::uint8_t {
  delivered,         ///< Done.
  retry,             ///< Passing fault: try again later.
  slow_down,         ///< 429: try again later, and slow the bucket.
  destination_fault, ///< Its address or secret is wrong: open the breaker.
  event_fault,       ///< It refused this content: isolate the poison.
  too_large,         ///< 413: fewer events a request.
};

/// An answer, judged.
struct verdict {
  outcome what = outcome::delivered;
  /// For people and dead letters: sanitised, at most 300 characters.
  std::string reason;
  /// How long the other side asked us to wait, capped at 10 minutes.
  std::optional<std::chrono::seconds> retry_after;
  /// How many parts of the request are done all the same, from the first.
  std::size_t done = 0;
};

/// Judges an HTTP answer by status alone, as all kinds do first; the kind then
/// takes its own look at the body. `now` resolves a `Retry-After` date.
verdict judge_http(const http_answer& answer, wall_time now);

/// Sets `retry_after` where the outcome is one that waits: again after a kind's
/// look at the body changed the outcome.
void hear_retry_after(verdict& x, const http_answer& answer, wall_time now);

/// Judges the answer to MQTT publications.
verdict judge_mqtt(const mqtt_answer& answer);

/// Judges a write to a file, the console or a device.
verdict judge_write(const write_answer& answer);

/// Parses a `Retry-After` header: seconds or an HTTP date (RFC 9110 10.2.3).
/// Empty when it is neither; negative and past values are zero, fractions are
/// rounded up; capped at ten minutes.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view header,
                                                      wall_time now);

} // namespace signalbox
