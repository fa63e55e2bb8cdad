// All scenarios. Each runs for itself, puts its subjects beside their floor,
// and fails rather than tell a number from a run whose books do not agree.
#pragma once

#include "bench/scenarios/samples.hpp"
#include "bench/scenarios/settings.hpp"
#include "messages/failure.hpp"

namespace signalbox::bench {

/// From the socket to the journal, with no destination.
result<samples> run_receive(const settings& opts);

} // namespace signalbox::bench
