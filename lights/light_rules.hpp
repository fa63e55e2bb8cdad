// What one `[[light]]` table says a lamp should show, and when.
#pragma once

#include "config/section.hpp"
#include "lights/effect.hpp"
#include "lights/level.hpp"
#include "lights/quiet_hours.hpp"
#include "policy/match.hpp"

#include <optional>
#include <vector>

namespace signalbox::lights {

/// One `[[light.on]]`: an event that matches asks for the effect.
struct light_rule {
  matcher match;
  effect wish;
};

/// A lamp's idle effect and its rules. Every rule that holds for an event asks
/// for its effect, in the document's order.
struct light_rules {
  effect idle;
  std::vector<light_rule> on;
  std::vector<level_rule> levels;
  std::optional<quiet_hours> quiet;
};

/// Reads `idle`, `quiet`, `[[light.on]]` and `[[light.level]]`. Mistakes are
/// reported to the section, with their place; the rules are then not to be
/// used.
light_rules read_light_rules(config::section& options);

} // namespace signalbox::lights
