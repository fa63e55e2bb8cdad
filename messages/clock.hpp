// The two kinds of time. Everything that waits or paces uses `mono_time`, which
// comes from the actor clock (and from the test's hand in tests); everything a
// person reads uses `wall_time`.
#pragma once

#include <chrono>

namespace signalbox {

/// Monotonic time; never steps.
using mono_time = std::chrono::steady_clock::time_point;

/// Wall-clock time with nanoseconds since the Unix epoch, UTC.
using wall_time = std::chrono::sys_time<std::chrono::nanoseconds>;

using duration = std::chrono::nanoseconds;

} // namespace signalbox
