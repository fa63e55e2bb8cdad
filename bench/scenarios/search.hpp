// Finding the highest rate that a subject takes in.
#pragma once

#include "bench/scenarios/measure.hpp"
#include "bench/scenarios/settings.hpp"
#include "messages/failure.hpp"

#include <cstdint>
#include <functional>

namespace signalbox::bench {

/// More than this part lost is too much: a tenth of a percent.
inline constexpr double tolerated_loss = 0.001;

/// Loads a subject that runs, once.
using probe = std::function<result<measured>(const load_plan&)>;

/// The highest rate, in events a second as received, with less than the
/// tolerated loss: doubled until it is too high, then narrowed down to three
/// percent. A rate counts as too high after two failures, since one may be the
/// machine's.
/// @param segmented With UDP GSO; else the sender may be the limit, for the
///   kernel takes longer to send a datagram than to receive it.
result<double> highest_rate(const settings& opts, bool segmented,
                            const probe& load);

} // namespace signalbox::bench
