// The one interface that every kind of lamp implements. A driver knows a lamp's
// words; which wish wins, how often a command may be sent, and what happens
// after a failure belong to the effect engine and the `light` actor, the wire
// to the transports.
#pragma once

#include "config/section.hpp"
#include "endpoints/transport.hpp"
#include "lights/effect.hpp"
#include "messages/delivery.hpp"
#include "policy/verdict.hpp"

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::lights {

/// What a lamp can do, and bears.
struct capabilities {
  double max_rate = 5; ///< Commands a second.
  double burst = 1;    ///< Commands at once.
  bool blinks = false; ///< Blinks by itself until told otherwise.
  bool pulses = false; ///< The same for a pulse.
  /// How often what it shows is told again, as others may use the lamp, too, or
  /// as it goes dark by itself.
  duration reassert = std::chrono::seconds(60);
};

/// A box that several lamps hang on, and that has limits of its own.
struct bridge {
  std::string account; ///< The same text for the same box; may hold secrets.
                       ///< Empty: there is none.
  double max_rate = 0; ///< Commands a second; 0: unlimited.
  double burst = 1;
};

/// One lamp's words. Not thread-safe; all calls come from its `light` actor.
///
/// Call order: `can` and `hangs_on` once, `open_transport` at the start of each
/// life of the actor, then for each command `shape`, followed by `judge` for
/// each request's answer.
class driver {
public:
  virtual ~driver() = default;

  [[nodiscard]] virtual capabilities can() const = 0;

  [[nodiscard]] virtual bridge hangs_on() const {
    return {};
  }

  /// Called before the first request, and again when the lamp starts anew.
  virtual transport_choice open_transport() = 0;

  /// The requests that make the lamp show `x`, to be sent one after the other
  /// until one fails. None: it shows it already.
  /// @param shown What it shows for certain, for lamps that want to hear only
  ///   of changes; null: nothing is certain.
  virtual std::vector<delivery_request> shape(const command& x,
                                              const command* shown) = 0;

  /// What an answer means: `delivered`, `retry` (unreachable, busy; or not
  /// known to be there, which is to wait for half a minute), `slow_down`, or a
  /// fault of the configuration (all others; above all a key that is refused),
  /// which is tried again every five minutes only. The reason is for the lamp's
  /// owner: what is wrong, and the cure.
  virtual verdict judge(const delivery_answer& answer, wall_time now) = 0;
};

using driver_ptr = std::unique_ptr<driver>;

/// Makes the driver for a `[[light]]` table. Mistakes are reported to the
/// section and make the result null.
driver_ptr make_driver(std::string_view name, config::section& options);

/// The names of all drivers, sorted.
std::span<const std::string_view> driver_names() noexcept;

} // namespace signalbox::lights
