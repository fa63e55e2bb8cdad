// From a datagram's sending to its message's arrival, beside a relay that only
// passes datagrams on.
#include "bench/floors/relay.hpp"
#include "bench/load/timed_load.hpp"
#include "bench/peers/fill_in.hpp"
#include "bench/process/wait_for.hpp"
#include "bench/scenarios/engine.hpp"
#include "bench/scenarios/peers.hpp"
#include "bench/scenarios/scenarios.hpp"
#include "bench/sinks/sink.hpp"

#include <fmt/format.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;

/// One destination under one load. The time of sending stands in the message,
/// which everybody passes on.
struct way {
  std::string load;
  std::uint64_t rate; ///< Datagrams a second.
  protocol speaks;
  std::string destination; ///< TOML; "@TO@" is the sink's port.
  peer_task task;
};

way mqtt(int qos, std::uint64_t rate) {
  return {fmt::format("mqtt qos {}, {}/s", qos, rate),
          rate,
          take_mqtt,
          fmt::format("kind = \"mqtt\"\n"
                      "url = \"mqtt://127.0.0.1:@TO@\"\n"
                      "payload = \"{{{{message}}}}\"\n"
                      "qos = {}\n",
                      qos),
          {.name = "mqtt", .qos = qos, .payload = "message"}};
}

way webhook(std::uint64_t batch, std::uint64_t rate) {
  return {fmt::format("webhook by {}, {}/s", batch, rate),
          rate,
          take_http,
          fmt::format("kind = \"webhook\"\n"
                      "url = \"http://127.0.0.1:@TO@/\"\n"
                      "batch = {}\n",
                      batch),
          {.name = batch == 1 ? "webhook" : "webhook_batch"}};
}

struct delay {
  double p50 = 0; ///< µs
  double p99 = 0;
  double lost = 0;
};

double microseconds(std::chrono::nanoseconds x) {
  return std::chrono::duration<double, std::micro>{x}.count();
}

/// Sends a warm-up and then the load to whoever delivers to the sink.
result<delay> measure(const settings& opts, const way& what, std::uint16_t port,
                      sink& to) {
  timed_plan plan{.port = port, .rate = what.rate, .length = 300ms};
  delay found;
  for (const auto length : {plan.length, opts.length(1s)}) {
    to.forget_delays();
    plan.length = length;
    const auto sent = send_timed_load(plan);
    if (!sent)
      return tl::unexpected(sent.error());
    const auto& under_way = to.seen().under_way;
    wait_for([&] { return under_way.count() == *sent; }, 5s);
    found.lost =
      static_cast<double>(*sent) - static_cast<double>(under_way.count());
    found.p50 = microseconds(under_way.quantile(0.5));
    found.p99 = microseconds(under_way.quantile(0.99));
  }
  return found;
}

result<delay> measure_relay(const settings& opts, const way& what) {
  auto to = sink::start(take_lines, std::string{sent_mark});
  if (!to)
    return tl::unexpected(to.error());
  const auto relay = relay_floor::start(to->port());
  if (!relay)
    return tl::unexpected(relay.error());
  return measure(opts, what, relay->port(), *to);
}

result<delay> measure_engine(const settings& opts, const way& what) {
  auto to = sink::start(what.speaks, std::string{sent_mark});
  if (!to)
    return tl::unexpected(to.error());
  auto subject = engine::start(
    opts, "[journal]\nstore = \"memory\"\n[[destination]]\nname = \"out\"\n"
            + fill_in(what.destination, {{"TO", std::to_string(to->port())}}));
  if (!subject)
    return tl::unexpected(subject.error());
  auto found = measure(opts, what, subject->port(), *to);
  if (const auto stopped = subject->stop(); !stopped)
    return tl::unexpected(stopped.error());
  return found;
}

result<delay> measure_peer(const settings& opts, const way& what,
                           std::string_view name) {
  auto to = sink::start(what.speaks, std::string{sent_mark});
  if (!to)
    return tl::unexpected(to.error());
  auto task = what.task;
  task.to = to->port();
  const auto subject = peer::start(opts, name, task);
  if (!subject)
    return tl::unexpected(subject.error());
  return measure(opts, what, subject->port(), *to);
}

/// The medians of all rounds.
result<void> add(samples& xs, const way& what, std::string_view subject,
                 unsigned rounds,
                 const std::function<result<delay>()>& measure_once) {
  std::vector<double> p50;
  std::vector<double> p99;
  double lost = 0;
  for (unsigned i = 0; i < rounds; ++i) {
    const auto x = measure_once();
    if (!x)
      return tl::unexpected(x.error());
    p50.push_back(x->p50);
    p99.push_back(x->p99);
    lost += x->lost;
  }
  const std::string name{subject};
  xs.push_back({"latency", what.load, name, "p50_us", median(p50)});
  xs.push_back({"latency", what.load, name, "p99_us", median(p99)});
  xs.push_back({"latency", what.load, name, "lost", lost});
  return {};
}

result<void> compare(samples& xs, const settings& opts, const way& what) {
  auto done = add(xs, what, "floor", opts.rounds,
                  [&] { return measure_relay(opts, what); });
  if (done)
    done = add(xs, what, "signalbox", opts.rounds,
               [&] { return measure_engine(opts, what); });
  if (!done)
    return done;
  return for_peers(opts, what.task, [&](std::string_view name) {
    return add(xs, what, name, 1,
               [&] { return measure_peer(opts, what, name); });
  });
}

} // namespace

result<samples> run_latency(const settings& opts) {
  samples xs;
  for (const auto& x : {mqtt(0, 1'000), mqtt(1, 1'000), webhook(1, 1'000),
                        mqtt(0, 50'000), mqtt(1, 50'000), webhook(33, 50'000)})
    if (const auto done = compare(xs, opts, x); !done)
      return tl::unexpected(done.error());
  return xs;
}

} // namespace signalbox::bench
