// The effect engine: which of many wishes a lamp shows, and when it is told so.
// A lamp is state, not a queue: the last wish wins, nothing stale is replayed.
#pragma once

#include "lights/effect.hpp"
#include "messages/clock.hpp"
#include "policy/backoff.hpp"
#include "policy/pace.hpp"
#include "policy/token_bucket.hpp"
#include "policy/verdict.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::lights {

/// How well a lamp answers: after the first failure it is degraded, after
/// three in a row it is down, after a success it is up. One that refuses us (a
/// wrong key, say) is misconfigured.
enum class health : std::uint8_t { up, degraded, down, misconfigured };

std::string_view to_string(health x) noexcept;

/// What an engine did since it was made.
struct tally {
  std::uint64_t events = 0;    ///< Wishes.
  std::uint64_t commands = 0;  ///< Commands, repeats included.
  std::uint64_t coalesced = 0; ///< Wishes that needed no command of their own.
  std::uint64_t errors = 0;    ///< Commands that failed.
  std::uint64_t shown = 0;     ///< Commands for wishes that were shown,
  duration latency{};          ///< and how long those wishes waited, in sum.

  bool operator==(const tally&) const = default;
};

/// Turns wishes into at most a few commands a second for one lamp.
///
/// Wishes are layers by priority: the highest is shown, the newest of a
/// priority replaces the one before it, and when a wish is over the lamp
/// returns to the layer below and at last to idle. Beside them are layers that
/// are held by name until they are released (levels), and a cover over all that
/// is not important enough (quiet hours). Memory is bounded by `max_layers` and
/// the number of names, whatever arrives. Pure: time is an argument, and never
/// goes back. Not thread-safe.
///
/// Call `next` after `wish`, `hold`, `release`, `cover` and `answered`, and
/// when `wake_at` says so.
class engine {
public:
  /// Priorities that can be alive at once; beyond it the lowest is dropped.
  static constexpr std::size_t max_layers = 16;

  /// The shortest time between two commands, so that nothing flashes faster
  /// than it may.
  static constexpr duration min_gap = shortest_period / 2;

  /// Waits after failures (full jitter).
  static constexpr duration first_retry = std::chrono::milliseconds(500);
  static constexpr duration last_retry = std::chrono::seconds(30);

  /// The wait after a lamp refused us, which only its owner can mend.
  static constexpr duration probe_interval = std::chrono::minutes(5);

  struct options {
    effect idle{};       ///< Shown when nobody wishes anything.
    double max_rate = 5; ///< Commands a second; 0: unlimited.
    double burst = 1;    ///< Commands at once.
    bool blinks = false; ///< The lamp blinks by itself,
    bool pulses = false; ///< and pulses.
    /// How often what is shown is told again.
    duration reassert = std::chrono::seconds(60);
    std::shared_ptr<pace> bridge{}; ///< Shared with other lamps; may be null.
    std::uint64_t seed = 0;         ///< For the jitter of retries.
  };

  explicit engine(const options& opts);

  /// Asks for an effect, from now on.
  void wish(const effect& x, mono_time now);

  /// Shows an effect, whose `lasts` is ignored, until the name is released. The
  /// same again changes nothing.
  void hold(std::string_view name, const effect& x, mono_time now);

  void release(std::string_view name);

  /// Shows an effect in place of all that has not a higher priority, idle
  /// included; nothing: no longer.
  void cover(const std::optional<effect>& x, mono_time now);

  /// Forgets all wishes and names, so that the lamp returns to idle, unless
  /// that is covered.
  void rest() noexcept;

  /// The command to send now, if any. After it, none is given until
  /// `answered`.
  std::optional<command> next(mono_time now);

  /// Rests, and gives the command to end with, whatever the pace; none if that
  /// is shown already. Like `next`, not to be called while a command is in
  /// flight.
  std::optional<command> farewell(mono_time now);

  /// Says what came of the command given by `next`.
  void answered(const verdict& x, mono_time now);

  /// When `next` should be called again, if nothing happens before; later than
  /// `now` once `next(now)` gave nothing. Absent while a command is in flight.
  [[nodiscard]] std::optional<mono_time> wake_at(mono_time now) const;

  /// What is wished for: the highest layer, or idle.
  [[nodiscard]] effect desired(mono_time now) const;

  /// The last command that succeeded; off before the first.
  [[nodiscard]] const command& shows() const noexcept {
    return shown_;
  }

  /// Whether the lamp shows that for all we know: nothing has failed since.
  [[nodiscard]] bool is_certain() const noexcept {
    return certain_;
  }

  [[nodiscard]] bool is_in_flight() const noexcept {
    return flying_.has_value();
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

  struct held_layer {
    std::string name;
    layer what;
  };

  [[nodiscard]] const layer& top(mono_time now) const;
  [[nodiscard]] bool by_itself(show x) const;
  [[nodiscard]] bool toggles(const effect& x) const;
  [[nodiscard]] command command_at(mono_time now) const;
  [[nodiscard]] mono_time may_send_at(mono_time now) const;
  [[nodiscard]] mono_time changes_at(mono_time now) const;
  void forget_what_is_over(mono_time now);
  void settle_wish();
  command launch(const command& x, mono_time now);

  options options_;
  layer idle_;
  std::vector<layer> layers_; ///< By priority, lowest first; one each.
  std::vector<held_layer> held_;
  std::optional<layer> cover_;
  token_bucket bucket_;
  backoff retry_;

  command shown_;
  bool certain_ = false;                    ///< The lamp shows `shown_`.
  std::optional<command> flying_;           ///< In flight.
  std::optional<mono_time> sent_;           ///< The last command.
  mono_time not_before_ = mono_time::min(); ///< After a failure.
  unsigned failures_ = 0;                   ///< In a row.
  bool refused_ = false;                    ///< The last failure was our fault.
  bool unanswered_ = false; ///< The newest wish has had no command yet.
  mono_time wished_;        ///< When the first without a command came.
  std::optional<mono_time> flying_since_; ///< That, of the command in flight.
  tally tally_;
};

} // namespace signalbox::lights
