#include "actors/admin_server.hpp"
#include "actors/scheduling.hpp"
#include "actors/status_json.hpp"
#include "actors/supervisor.hpp"
#include "cli/command.hpp"
#include "cli/footprint.hpp"
#include "cli/read_config.hpp"
#include "net/inherited_sockets.hpp"
#include "net/service_manager.hpp"
#include "policy/quiet_spells.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <ctime>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace signalbox::cli {

namespace {

using namespace std::chrono_literals;

// How long actors may take to end, once nothing more is to be delivered.
constexpr auto end_within = 3s;

struct run_options {
  std::string config;
  double drain = 10;
};

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  return set;
}

duration cpu_time() {
  timespec spent{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return std::chrono::seconds{spent.tv_sec}
         + std::chrono::nanoseconds{spent.tv_nsec};
}

/// The next signal, or 0 when none came for a moment.
int next_signal() {
  const auto set = handled_signals();
  const timespec patience{0, 100'000'000};
  return std::max(sigtimedwait(&set, nullptr, &patience), 0);
}

void announce(const supervisor_plan& plan,
              const config::configuration& settings) {
  for (const auto& x : plan.listeners) {
    const auto& s = x.sockets.front().status;
    spdlog::info("listener '{}' on {}, {} socket(s), receive buffer {} KiB "
                 "(asked for {} KiB)",
                 s.name, s.address, x.sockets.size(), s.receive_buffer / 1024,
                 s.asked_buffer / 1024);
    if (s.receive_buffer < s.asked_buffer)
      spdlog::warn("the kernel gave less receive buffer than asked for; raise "
                   "net.core.rmem_max, or bursts are lost");
  }
  for (const auto& x : plan.engine.destinations)
    spdlog::info("destination '{}' ({})", x.name, x.kind);
  for (const auto& x : plan.engine.lights)
    spdlog::info("lamp '{}' ({})", x.name, x.driver);
  if (plan.admin)
    spdlog::info("dashboard on http://{}:{}/",
                 settings.admin.host.find(':') == std::string::npos
                   ? settings.admin.host
                   : "[" + settings.admin.host + "]",
                 plan.admin->port());
}

/// Waits until the supervisor has ended; true if it ended well.
bool watch_over(caf::actor_system& sys, const supervisor_actor& engine,
                duration drain) {
  caf::scoped_actor self{sys};
  self->monitor(engine);
  std::optional<bool> ended_well;
  bool stopping = false;
  quiet_spells spells{std::chrono::steady_clock::now(), cpu_time()};
  while (!ended_well) {
    switch (next_signal()) {
    case SIGHUP:
      // Nobody waits for the answer: the log tells it.
      caf::anon_send(engine, atoms::reload::value);
      break;
    case SIGTERM:
    case SIGINT:
      if (std::exchange(stopping, true)) {
        spdlog::warn("stopped at once, by a second signal");
        return false;
      }
      net::notify_stopping();
      self->send(engine, atoms::stop::value,
                 std::chrono::duration_cast<caf::timespan>(drain));
      break;
    default:
      if (!spells.began(std::chrono::steady_clock::now(), cpu_time()))
        break;
      release_heap();
      release_code();
      break;
    }
    while (self->has_next_message())
      self->receive([&](const caf::down_msg& x) {
        ended_well = !x.reason || x.reason == caf::exit_reason::normal;
      });
  }
  return *ended_well;
}

// Actors end by themselves; one that hangs in the kernel (a full pipe, a dead
// file server) must not keep the process alive. This thread spawned actors, so
// CAF wants it to end them.
void end_or_leave(std::unique_ptr<caf::actor_system> sys, int code) {
  std::promise<void> ended;
  std::thread watchdog{[code, done = ended.get_future()] {
    if (done.wait_for(end_within) == std::future_status::ready)
      return;
    spdlog::warn("something still hangs; left behind");
    std::_Exit(code);
  }};
  sys.reset();
  ended.set_value();
  watchdog.join();
}

int refuse(const failure& why) {
  spdlog::critical("{}", why.what);
  net::notify_failed(why.what);
  return exit_code::failed;
}

result<void> open_journal(supervisor_plan& plan) {
  auto store = open_store(plan.engine);
  if (!store)
    return tl::unexpected{store.error()};
  plan.store = std::move(*store);
  auto former = plan.store->recover();
  if (!former)
    return tl::unexpected{former.error()};
  plan.former = std::move(*former);
  for (const auto& x : plan.former.findings)
    spdlog::error("journal: {}", x);
  return {};
}

int run(const run_options& options) {
  set_up_heap();
  // Before any thread exists, so that all of them leave signals to us.
  const auto signals = handled_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  auto inherited = net::inherited_sockets::take();
  if (!inherited)
    return refuse(inherited.error());
  auto ready = read_config(options.config);
  if (!ready) {
    net::notify_failed("the configuration has mistakes");
    return exit_code::bad_config;
  }
  const auto& settings = ready->document.settings();
  auto plan = std::make_shared<supervisor_plan>();
  plan->engine = std::move(ready->plan);
  if (auto opened = open_journal(*plan); !opened)
    return refuse(opened.error());
  plan->read_again = [file = options.config,
                      user_agents = plan->engine.user_agents] {
    return plan_again(file, user_agents);
  };
  plan->ledger = std::make_shared<books>();
  plan->state = std::make_shared<readiness>();
  auto listeners = bind_listeners(
    plan->engine, *inherited,
    plan->store->is_durable() ? &plan->former.counters : nullptr);
  // Also when it failed: what nobody claimed may be why.
  for (const auto& x : inherited->unclaimed())
    spdlog::warn("{}", x);
  if (!listeners)
    return refuse(listeners.error());
  plan->listeners = std::move(*listeners);
  const auto patience = std::chrono::duration_cast<duration>(
    std::chrono::duration<double>(options.drain));
  if (!settings.admin.host.empty()) {
    auto admin = admin_server::bind(settings.admin, patience);
    if (!admin)
      return refuse(admin.error());
    plan->admin = std::move(*admin);
  }
  announce(*plan, settings);
  auto ledger = plan->ledger;
  caf::actor_system_config cfg;
  set_up_scheduler(cfg);
  auto sys = std::make_unique<caf::actor_system>(cfg);
  auto engine = sys->spawn(supervisor, std::move(plan));
  const bool good = watch_over(*sys, engine, patience);
  engine = nullptr;
  const auto code = good ? exit_code::good : exit_code::failed;
  spdlog::info("{}", ledger_line(ledger->picture()));
  end_or_leave(std::move(sys), code);
  return code;
}

} // namespace

void add_run(CLI::App& app, action& chosen) {
  auto options = std::make_shared<run_options>();
  auto* command = app.add_subcommand(
    "run", "Run the engine until SIGTERM or SIGINT, which drain it");
  add_config_option(*command, options->config);
  command
    ->add_option("--drain", options->drain,
                 "Seconds to deliver what is waiting, after a signal")
    ->type_name("SECONDS")
    ->capture_default_str()
    ->check(CLI::Range(0.0, 3600.0));
  command->callback([options, &chosen] {
    chosen = [options] {
      return run(*options);
    };
  });
}

} // namespace signalbox::cli
