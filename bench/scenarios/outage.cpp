// A destination that is down: what waits for it, the memory that this takes,
// and what is left of it when the engine is killed meanwhile.
#include "bench/load/send_load.hpp"
#include "bench/process/wait_for.hpp"
#include "bench/scenarios/engine.hpp"
#include "bench/scenarios/scenarios.hpp"
#include "bench/sinks/sink.hpp"
#include "bench/sinks/tcp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <thread>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;

constexpr const char* config = R"([journal]
store = "sqlite"
max_memory = "4MiB"
[[destination]]
name = "hook"
kind = "webhook"
url = "http://127.0.0.1:{}/"
batch = 33
)";

constexpr std::uint64_t rate = 20'000;

/// The engine gives memory back that starting, or a load, needed when little
/// has happened for five seconds. By then the journal has written its counters.
constexpr auto until_quiet = 12s;
constexpr auto until_written = 2s;

} // namespace

result<samples> run_outage(const settings& opts) {
  const auto port = free_port();
  if (!port)
    return tl::unexpected(port.error());
  auto subject = engine::start(opts, fmt::format(config, *port));
  if (!subject)
    return tl::unexpected(subject.error());
  std::this_thread::sleep_for(opts.length(until_quiet));
  const auto idle = subject->process().memory();
  load_plan plan;
  plan.port = subject->port();
  plan.rate = rate;
  plan.length = opts.length(5s);
  const auto load = send_load(plan);
  if (!load)
    return tl::unexpected(load.error());
  if (const auto held = subject->taken_in(load->sent, 30s); !held)
    return tl::unexpected(held.error());
  std::this_thread::sleep_for(opts.smoke ? until_written : until_quiet);
  const auto waiting = subject->process().memory();
  subject->process().kill();

  const auto hook = sink::start(take_http, "UserAgent:", *port);
  if (!hook)
    return tl::unexpected(hook.error());
  if (const auto again = subject->start_again(); !again)
    return tl::unexpected(again.error());
  if (const auto all = subject->delivered(load->sent, 60s); !all)
    return tl::unexpected(all.error());
  const auto arrived = hook->seen().marks.load();
  const auto lost = load->sent - std::min<std::uint64_t>(arrived, load->sent);
  if (const auto stopped = subject->stop(); !stopped)
    return tl::unexpected(stopped.error());
  const auto name = fmt::format("{} waiting", load->sent);
  const auto row = [&](const char* metric, double value) {
    return sample{"outage", name, "signalbox", metric, value};
  };
  return samples{row("rss_idle_mib", idle.now), row("rss_mib", waiting.now),
                 row("lost", static_cast<double>(lost))};
}

} // namespace signalbox::bench
