// How CAF's workers wait for work.
#pragma once

#include <caf/fwd.hpp>

namespace signalbox {

/// Sets CAF's scheduler up for batches: a worker without work sleeps until it
/// is given some, where CAF's defaults have it poll, which costs more than all
/// that the engine does under a light load. What one actor sends another stays
/// on the worker that it was sent from, as no other worker is woken for it; one
/// that is awake anyhow takes it over. docs/performance.md has the figures.
///
/// As many workers as there are cores, and two at least: what does not fit into
/// one must not make everybody wait.
void set_up_scheduler(caf::actor_system_config& cfg);

} // namespace signalbox
