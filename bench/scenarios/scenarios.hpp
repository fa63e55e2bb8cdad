// All scenarios. Each runs for itself, puts its subjects beside their floor,
// and fails rather than tell a number from a run whose books do not agree.
#pragma once

#include "bench/scenarios/samples.hpp"
#include "bench/scenarios/settings.hpp"
#include "messages/failure.hpp"

namespace signalbox::bench {

/// Destinations that get nothing beside one that gets all, and many that do.
result<samples> run_many_destinations(const settings& opts);

/// From the socket to the journal, with no destination.
result<samples> run_receive(const settings& opts);

/// The highest rate of that.
result<samples> run_highest_rate(const settings& opts);

/// From the socket to a file.
result<samples> run_file(const settings& opts);

/// To an MQTT broker, with QoS 0 and 1.
result<samples> run_mqtt(const settings& opts);

/// To an HTTP server, an event or 33 a request.
result<samples> run_webhook(const settings& opts);

/// How long an event is under way to either of them.
result<samples> run_latency(const settings& opts);

/// Many events for a destination that is down, and a crash meanwhile.
result<samples> run_outage(const settings& opts);

/// Far more than the engine can take.
result<samples> run_overload(const settings& opts);

} // namespace signalbox::bench
