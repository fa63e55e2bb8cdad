// Events for the micro benchmarks.
#pragma once

#include "messages/event_batch.hpp"

#include <cstddef>

namespace signalbox::bench {

/// Events of the sample load, round and round, with all that the parser
/// derives.
event_batch_builder sample_events(std::size_t count);

} // namespace signalbox::bench
