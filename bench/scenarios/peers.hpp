// What people use today, under the loads of the engine.
#pragma once

#include "bench/peers/peer.hpp"
#include "bench/scenarios/measure.hpp"
#include "bench/scenarios/settings.hpp"
#include "messages/failure.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace signalbox::bench {

/// How many events have arrived where a peer delivers them. Empty: nowhere, and
/// all count that the kernel has not dropped.
using arrival_count = std::function<std::uint64_t()>;

/// Sends a load to a peer that runs, until nothing arrives any more. The plan's
/// port is set here.
result<measured> measure(const peer& subject, load_plan plan,
                         const arrival_count& arrived = {});

/// What to do with each peer that can do a task: gets its name.
using peer_run = std::function<result<void>(std::string_view name)>;

/// Once for each of them, in a smoke test for none.
result<void> for_peers(const settings& opts, const peer_task& task,
                       const peer_run& run);

/// Starts a peer for one load, and warms it up.
result<measured> measure_peer(const settings& opts, std::string_view name,
                              const peer_task& task, const load_plan& plan,
                              const arrival_count& arrived = {});

} // namespace signalbox::bench
