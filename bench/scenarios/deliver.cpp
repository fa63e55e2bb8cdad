#include "bench/scenarios/deliver.hpp"

#include "bench/peers/fill_in.hpp"
#include "bench/process/wait_for.hpp"
#include "bench/scenarios/peers.hpp"
#include "bench/scenarios/tally.hpp"
#include "bench/sinks/sink.hpp"
#include "bench/sinks/tcp.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 60s;

// Large enough for any backlog.
constexpr const char* journal = R"([journal]
store = "memory"
max_memory = "1GiB"
)";

// A destination that waits for its server looks for it often.
constexpr const char* retries = R"(
retry = { attempts = 0, initial = "100ms", max = "200ms" }
)";

double microseconds(std::chrono::nanoseconds x) {
  return std::chrono::duration<double, std::micro>{x}.count();
}

std::string config_for(const delivery_case& what, std::uint16_t port) {
  return journal + fill_in(what.destination, {{"TO", std::to_string(port)}});
}

/// What the floor needs for each event, in µs.
result<double> run_floor(const delivery_case& what, const delivery_plan& plan) {
  return what.floor(plan).map([&](const auto& cost) {
    return microseconds(cost.cpu)
           / static_cast<double>(plan.count * what.batch);
  });
}

/// The engine as events arrive, with the destination.
result<measured> run_engine(const settings& opts, const delivery_case& what,
                            const load_plan& plan, const server& to) {
  const auto before = to.events();
  auto subject = engine::start(opts, config_for(what, to.port));
  if (!subject)
    return tl::unexpected(subject.error());
  std::uint64_t sent = 0;
  auto got = measure_warm(*subject, plan, sent);
  if (!got)
    return got;
  const auto books = subject->books();
  if (!books)
    return tl::unexpected(books.error());
  const auto& terms = books->destinations.begin()->second;
  const auto arrived = [&] {
    return to.events() - before == of(terms, "delivered");
  };
  if (of(terms, "delivered") + books->lost() != sent
      || (to.seen != nullptr && !wait_for(arrived, 2s)))
    return fail(errc::malformed,
                fmt::format("void: sent {}, arrived {}: {}", sent,
                            to.events() - before, to_string(*books)));
  return subject->stop().map([&] { return *got; });
}

/// What the engine needs for each event of a backlog, in µs.
result<double> drain(const settings& opts, const delivery_case& what,
                     protocol speaks, const std::string& mark) {
  const auto port = free_port();
  if (!port)
    return tl::unexpected(port.error());
  auto subject = engine::start(opts, config_for(what, *port) + retries);
  if (!subject)
    return tl::unexpected(subject.error());
  load_plan plan;
  plan.port = subject->port();
  plan.rate = 50'000;
  plan.length = std::chrono::milliseconds{what.backlog * 1000 / plan.rate};
  const auto load = send_load(plan);
  if (!load)
    return tl::unexpected(load.error());
  const auto held = subject->taken_in(load->sent, patience);
  if (!held)
    return tl::unexpected(held.error());
  // A busy machine may drop datagrams before: they are no part of this.
  const auto backlog = load->sent - held->lost();
  const auto cpu = subject->process().cpu();
  const auto to = sink::start(speaks, mark, *port);
  if (!to)
    return tl::unexpected(to.error());
  const server counting{*port, &to->seen(), !mark.empty()};
  // The ledger is asked only afterwards, for an answer costs something, too.
  wait_for([&] { return counting.events() >= backlog; }, patience);
  const auto spent = subject->process().cpu() - cpu;
  const auto books = subject->delivered(load->sent, patience);
  if (!books)
    return tl::unexpected(books.error());
  if (of(books->destinations.begin()->second, "delivered") != backlog
      || counting.events() != backlog)
    return fail(errc::malformed,
                fmt::format("void: sent {}, arrived {}: {}", load->sent,
                            counting.events(), to_string(*books)));
  return subject->stop().map(
    [&] { return microseconds(spent) / static_cast<double>(backlog); });
}

} // namespace

std::uint64_t server::events() const {
  if (seen == nullptr)
    return 0;
  return marked ? seen->marks : seen->messages;
}

result<samples> compare_deliveries(const settings& opts,
                                   const delivery_case& what,
                                   const server& to) {
  const auto load = paced(opts, wire_form::qlik, what.rate, 1s);
  delivery_plan bare;
  bare.port = to.port;
  bare.rate = static_cast<double>(what.rate) / static_cast<double>(what.batch);
  bare.count = static_cast<std::uint64_t>(
    bare.rate * std::chrono::duration<double>{load.length}.count());
  std::vector<double> floor;
  std::vector<double> delivering;
  tally all;
  for (unsigned i = 0; i < opts.rounds; ++i) {
    const auto without = measure_engine(opts, journal, load);
    if (!without)
      return tl::unexpected(without.error());
    all.add("signalbox, no destination", *without);
    const auto with = run_engine(opts, what, load, to);
    if (!with)
      return tl::unexpected(with.error());
    all.add("signalbox", *with);
    delivering.push_back(with->cpu_us_per_event()
                         - without->cpu_us_per_event());
    // Last, for it may send what the engine has sent.
    const auto least = run_floor(what, bare);
    if (!least)
      return tl::unexpected(least.error());
    floor.push_back(*least);
  }
  auto task = what.task;
  task.to = to.port;
  const auto arrived =
    to.seen != nullptr ? [&] { return to.events(); } : arrival_count{};
  const auto peers = for_peers(opts, task, [&](std::string_view name) {
    return measure_peer(opts, name, task, load, arrived)
      .map([&](const auto& x) { all.add(std::string{name}, x); });
  });
  if (!peers)
    return tl::unexpected(peers.error());
  const auto name = fmt::format("{}, {}/s", what.name, what.rate);
  auto xs = all.told(what.scenario, name);
  xs.push_back({what.scenario, name, "floor", delivery_us, median(floor)});
  xs.push_back(
    {what.scenario, name, "signalbox", delivery_us, median(delivering)});
  return xs;
}

result<samples> compare_backlogs(const settings& opts,
                                 const delivery_case& what, protocol speaks,
                                 const std::string& mark) {
  std::vector<double> floor;
  std::vector<double> delivering;
  for (unsigned i = 0; i < opts.rounds; ++i) {
    const auto to = sink::start(speaks);
    if (!to)
      return tl::unexpected(to.error());
    delivery_plan bare;
    bare.port = to->port();
    bare.count = what.backlog / what.batch;
    const auto least = run_floor(what, bare);
    if (!least)
      return tl::unexpected(least.error());
    floor.push_back(*least);
    const auto mine = drain(opts, what, speaks, mark);
    if (!mine)
      return tl::unexpected(mine.error());
    delivering.push_back(*mine);
  }
  const auto name = what.name + ", backlog";
  return samples{
    {what.scenario, name, "floor", delivery_us, median(floor)},
    {what.scenario, name, "signalbox", delivery_us, median(delivering)}};
}

} // namespace signalbox::bench
