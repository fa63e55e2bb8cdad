// The one interface that every kind of lamp implements. Which wish wins, how
// often a command may be sent, and what happens after a failure belong to the
// `light` actor and its effect engine.
#pragma once

#include "config/section.hpp"
#include "lights/effect.hpp"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace signalbox::lights {

/// What a lamp can do.
struct capabilities {
  double max_rate = 5; ///< Commands a second that it bears.
  double burst = 1;    ///< Commands at once.
  bool blinks = false; ///< Shows blink and pulse by itself.
};

/// One lamp. Not thread-safe; all calls come from its `light` actor.
/// At most one command is in flight: `apply` is not called again before
/// `done` was.
class driver {
public:
  virtual ~driver() = default;

  [[nodiscard]] virtual capabilities can() const = 0;

  /// Shows `x`; calls `done` once, with an empty text or with what is wrong.
  virtual void apply(const command& x,
                     std::function<void(std::string error)> done) = 0;
};

using driver_ptr = std::unique_ptr<driver>;

/// Makes the driver for a `[[light]]` table. Mistakes are reported to the
/// section and make the result null.
driver_ptr make_driver(std::string_view name, config::section& options);

/// The names of all drivers, sorted.
std::span<const std::string_view> driver_names() noexcept;

} // namespace signalbox::lights
