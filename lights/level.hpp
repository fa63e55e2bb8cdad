// Levels: how busy the house is, as a colour.
#pragma once

#include "config/section.hpp"
#include "lights/effect.hpp"
#include "messages/clock.hpp"
#include "policy/match.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::lights {

/// What a level measures.
enum class measure : std::uint8_t {
  active_users,
  connections,       ///< Open ones.
  events_per_minute, ///< Of those that match.
  breaker_open,      ///< Destinations that have given up for now.
};

/// From a value on, this is shown.
struct level_step {
  std::uint64_t from = 1;
  effect what;
};

/// One `[[light.level]]`.
struct level_rule {
  measure of = measure::active_users;
  /// Users and connections: of this one, folded; empty: of all.
  std::string server;
  std::string destination; ///< Its breaker; empty: any.
  matcher match;
  std::vector<level_step> steps; ///< By `from`, the lowest first.

  /// What is shown at a value; null: nothing.
  [[nodiscard]] const effect* at(std::uint64_t value) const;
};

/// Reads `of`, `server`, `destination`, `match`, `priority` and `steps`.
/// Mistakes are reported to the section.
level_rule read_level(config::section& table);

/// Counts what happened within the last minute, to the second. Not
/// thread-safe.
class minute_count {
public:
  void add(mono_time now);

  [[nodiscard]] std::uint64_t at(mono_time now);

private:
  /// Forgets what is more than a minute old.
  void turn(mono_time now);

  std::array<std::uint64_t, 60> seconds_{};
  std::int64_t newest_ = 0; ///< The second of the newest slot.
  std::uint64_t sum_ = 0;
};

} // namespace signalbox::lights
