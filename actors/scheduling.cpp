#include "actors/scheduling.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/timespan.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <thread>

namespace signalbox {

namespace {

using namespace std::chrono_literals;

// How often a worker looks whether another one has more than it can do.
constexpr caf::timespan look_around = 20ms;

constexpr std::size_t least_workers = 2;

} // namespace

void set_up_scheduler(caf::actor_system_config& cfg) {
  cfg.set(
    "scheduler.max-threads",
    std::max<std::size_t>(least_workers, std::thread::hardware_concurrency()));
  cfg.set("work-stealing.aggressive-poll-attempts", std::size_t{1});
  cfg.set("work-stealing.moderate-poll-attempts", std::size_t{0});
  cfg.set("work-stealing.relaxed-steal-interval", std::size_t{1});
  cfg.set("work-stealing.relaxed-sleep-duration", look_around);
}

} // namespace signalbox
