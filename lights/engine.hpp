// The effect engine: which of many wishes a lamp shows, and when it is told so.
// A lamp is state, not a queue: the last wish wins, nothing stale is replayed.
#pragma once

#include "lights/effect.hpp"
#include "messages/clock.hpp"
#include "policy/backoff.hpp"
#include "policy/token_bucket.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace signalbox::lights {

/// How well a lamp answers: after the first failure it is degraded, after
/// three in a row it is down, after a success it is up.
enum class health : std::uint8_t { up, degraded, down };

std::string_view to_string(health x) noexcept;

/// What an engine did since it was made.
struct tally {
  std::uint64_t events = 0;    ///< Wishes.
  std::uint64_t commands = 0;  ///< Commands, repeats included.
  std::uint64_t coalesced = 0; ///< Wishes that needed no command of their own.
  std::uint64_t errors = 0;    ///< Commands that failed.

  bool operator==(const tally&) const = default;
};

/// Turns wishes into at most a few commands a second for one lamp.
///
/// Wishes are layers by priority: the highest is shown, the newest of a
/// priority replaces the one before it, and when a wish is over the lamp
/// returns to the layer below and at last to idle. Memory is bounded by
/// `max_layers`, whatever arrives. Pure: time is an argument, and never goes
/// back. Not thread-safe.
///
/// Call `next` after `wish`, after `command_done`, and when `wake_at` says so.
class engine {
public:
  /// Priorities that can be alive at once; beyond it the lowest is dropped.
  static constexpr std::size_t max_layers = 16;

  /// Nothing flashes more than three times a second (WCAG 2.3.1): the shortest
  /// period of an effect, and the shortest time between two commands.
  static constexpr duration min_period = std::chrono::milliseconds(334);
  static constexpr duration min_gap = min_period / 2;

  /// How often a command is repeated, as others may use the lamp, too.
  static constexpr duration reassert_after = std::chrono::seconds(60);

  /// Waits after failures (full jitter).
  static constexpr duration first_retry = std::chrono::milliseconds(500);
  static constexpr duration last_retry = std::chrono::seconds(30);

  struct options {
    effect idle{};              ///< Shown when nobody wishes anything.
    double max_rate = 5;        ///< Commands a second; 0: unlimited.
    double burst = 1;           ///< Commands at once.
    bool driver_blinks = false; ///< The driver shows blink and pulse itself.
    std::uint64_t seed = 0;     ///< For the jitter of retries.
  };

  explicit engine(const options& opts);

  /// Asks for an effect, from now on.
  void wish(const effect& x, mono_time now);

  /// Forgets all wishes, so that the lamp returns to idle.
  void rest() noexcept;

  /// The command to send now, if any. After it, none is given until
  /// `command_done`.
  std::optional<command> next(mono_time now);

  /// Says what came of the command given by `next`.
  void command_done(bool ok, mono_time now);

  /// When `next` should be called again, if nothing happens before; later than
  /// `now` once `next(now)` gave nothing. Absent while a command is in flight.
  [[nodiscard]] std::optional<mono_time> wake_at(mono_time now) const;

  /// What is wished for: the highest layer, or idle.
  [[nodiscard]] effect desired(mono_time now) const;

  /// The last command that succeeded; off before the first.
  [[nodiscard]] const command& shows() const noexcept {
    return shown_;
  }

  [[nodiscard]] health state() const noexcept;

  [[nodiscard]] const tally& counters() const noexcept {
    return tally_;
  }

private:
  struct layer {
    effect what;
    mono_time since; ///< When it began; the phase of software blinking.
    mono_time until; ///< `mono_time::max()`: until the next wish.
  };

  [[nodiscard]] const layer& top(mono_time now) const;
  [[nodiscard]] bool toggles(const effect& x) const;
  [[nodiscard]] command command_at(mono_time now) const;
  [[nodiscard]] mono_time may_send_at(mono_time now) const;
  [[nodiscard]] mono_time changes_at(mono_time now) const;
  void forget_what_is_over(mono_time now);
  void settle_wish();

  layer idle_;
  std::vector<layer> layers_; ///< By priority, lowest first; one each.
  double rate_;
  bool driver_blinks_;
  token_bucket bucket_;
  backoff retry_;

  command shown_;
  bool certain_ = false;                    ///< The lamp shows `shown_`.
  std::optional<command> flying_;           ///< In flight.
  std::optional<mono_time> sent_;           ///< The last command.
  mono_time not_before_ = mono_time::min(); ///< After a failure.
  unsigned failures_ = 0;                   ///< In a row.
  bool unanswered_ = false; ///< The newest wish has had no command yet.
  tally tally_;
};

} // namespace signalbox::lights
