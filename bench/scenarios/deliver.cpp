#include "bench/scenarios/deliver.hpp"

#include "bench/peers/fill_in.hpp"
#include "bench/process/wait_for.hpp"
#include "bench/scenarios/measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;

using values = std::vector<double>;

double microseconds(std::chrono::nanoseconds x) {
  return std::chrono::duration<double, std::micro>{x}.count();
}

/// The engine under the load, with the destination or without one.
result<measured> run_engine(const settings& opts, const delivery_case& what,
                            const server* to) {
  std::string config{"[journal]\nstore = \"memory\"\n"};
  if (to != nullptr)
    config += fill_in(what.destination, {{"TO", std::to_string(to->port)}});
  auto subject = engine::start(opts, config);
  if (!subject)
    return tl::unexpected(subject.error());
  const auto before = to != nullptr ? to->events() : 0;
  std::uint64_t sent = 0;
  load_plan plan;
  plan.rate = what.rate;
  plan.length = opts.length(what.length);
  const auto got = measure(*subject, plan, sent);
  if (!got)
    return got;
  const auto books = subject->books();
  if (!books)
    return tl::unexpected(books.error());
  std::uint64_t delivered = 0;
  for (const auto& [name, terms] : books->destinations)
    delivered += of(terms, "delivered");
  if (to != nullptr && to->seen != nullptr
      && !wait_for([&] { return to->events() - before == delivered; }, 2s))
    return fail(errc::malformed,
                fmt::format("void: the ledger says {} delivered, but {} have "
                            "arrived",
                            delivered, to->events() - before));
  if (const auto stopped = subject->stop(); !stopped)
    return tl::unexpected(stopped.error());
  return got;
}

struct peer_result {
  double cpu = 0; ///< µs an event that was delivered.
  double lost = 0;
};

/// Sends and waits until nothing arrives any more; returns how much was sent.
result<std::uint64_t> send_and_wait(load_plan plan, const peer& subject,
                                    const server& to) {
  const auto before = to.events();
  const auto load = send_load(plan);
  if (!load)
    return tl::unexpected(load.error());
  if (to.seen == nullptr
      || !wait_for([&] { return to.events() - before >= load->sent; }, 3s))
    subject.settle();
  return load->sent;
}

result<peer_result> run_peer(const settings& opts, const delivery_case& what,
                             std::string_view name, const server& to) {
  auto task = what.task;
  task.to = to.port;
  const auto subject = peer::start(opts, name, task);
  if (!subject)
    return tl::unexpected(subject.error());
  load_plan plan;
  plan.port = subject->port();
  plan.rate = what.rate;
  plan.length = 300ms; // It connects, and warms up.
  if (const auto done = send_and_wait(plan, *subject, to); !done)
    return tl::unexpected(done.error());
  plan.length = opts.length(what.length);
  const auto cpu = subject->cpu();
  const auto events = to.events();
  const auto dropped = subject->kernel_dropped();
  const auto sent = send_and_wait(plan, *subject, to);
  if (!sent)
    return tl::unexpected(sent.error());
  const auto arrived = to.seen != nullptr
                         ? to.events() - events
                         : *sent - (subject->kernel_dropped() - dropped);
  return peer_result{
    microseconds(subject->cpu() - cpu)
      / static_cast<double>(std::max<std::uint64_t>(arrived, 1)),
    static_cast<double>(*sent - std::min(*sent, arrived))};
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
  values receiving;
  values whole;
  values delivering;
  values floor;
  double lost = 0;
  for (unsigned i = 0; i < opts.rounds; ++i) {
    const auto least = run_engine(opts, what, nullptr);
    const auto all = least ? run_engine(opts, what, &to) : least;
    if (!all)
      return tl::unexpected(all.error());
    delivery_plan plan;
    plan.port = to.port;
    plan.rate =
      static_cast<double>(what.rate) / static_cast<double>(what.batch);
    plan.count = static_cast<std::uint64_t>(
      plan.rate
      * std::chrono::duration<double>{opts.length(what.length)}.count());
    const auto bare = what.floor(plan);
    if (!bare)
      return tl::unexpected(bare.error());
    receiving.push_back(least->cpu_us_per_event());
    whole.push_back(all->cpu_us_per_event());
    delivering.push_back(whole.back() - receiving.back());
    floor.push_back(microseconds(bare->cpu)
                    / static_cast<double>(plan.count * what.batch));
    lost += static_cast<double>(all->lost);
  }
  samples xs;
  const auto add = [&](std::string subject, std::string metric, double value) {
    xs.push_back(
      {what.scenario, what.load, std::move(subject), std::move(metric), value});
  };
  add("floor", "delivery_us_per_event", median(floor));
  add("signalbox", "delivery_us_per_event", median(delivering));
  add("signalbox", "cpu_us_per_event", median(whole));
  add("signalbox", "lost", lost);
  add("signalbox, no destination", "cpu_us_per_event", median(receiving));
  for (const auto name : peer_names) {
    if (opts.smoke || !peer::can(opts, name, what.task))
      continue;
    const auto got = run_peer(opts, what, name, to);
    if (!got)
      return tl::unexpected(got.error());
    add(std::string{name}, "cpu_us_per_event", got->cpu);
    add(std::string{name}, "lost", got->lost);
  }
  return xs;
}

} // namespace signalbox::bench
