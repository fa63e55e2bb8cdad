// UDP → webhook, an event or 33 a request, beside a loop that does nothing but
// post bodies of the same length.
#include "bench/scenarios/deliver.hpp"
#include "bench/scenarios/scenarios.hpp"
#include "bench/sinks/sink.hpp"

#include <fmt/format.h>

namespace signalbox::bench {

namespace {

constexpr const char* destination = R"(
[[destination]]
name = "hook"
kind = "webhook"
url = "http://127.0.0.1:@TO@/"
batch = {}
)";

/// The lines of the engine's requests that libcurl would not write by itself;
/// the key is as long as the engine's.
const std::vector<std::string> headers{
  "Content-Type: application/json",
  "Idempotency-Key: 00000000-0000-0000-0000-000000000000",
  "User-Agent: signalbox/0.1.0", "Expect:"};

result<samples> post(const settings& opts, std::uint64_t batch,
                     std::uint64_t rate) {
  // Each event has a user agent, and says so once.
  const auto hook = sink::start(take_http, "UserAgent:");
  if (!hook)
    return tl::unexpected(hook.error());
  delivery_case x;
  x.scenario = "webhook";
  x.rate = opts.smoke ? 1'000 : rate;
  x.load = fmt::format("{} a request, {}/s", batch, x.rate);
  x.batch = batch;
  x.destination = fmt::format(fmt::runtime(destination), batch);
  x.floor = [&](const delivery_plan& plan) {
    // By now the engine has shown how long its events are.
    const auto& seen = hook->seen();
    http_floor floor;
    floor.headers = headers;
    floor.bodies = {std::string(seen.bytes / seen.marks * batch, 'x')};
    return run_floor(floor, plan);
  };
  x.task.name = batch == 1 ? "webhook" : "webhook_batch";
  return compare_deliveries(opts, x, {hook->port(), &hook->seen(), true});
}

} // namespace

result<samples> run_webhook(const settings& opts) {
  auto single = post(opts, 1, 5'000);
  const auto batched = single ? post(opts, 33, 100'000) : single;
  if (!batched)
    return batched;
  single->insert(single->end(), batched->begin(), batched->end());
  return single;
}

} // namespace signalbox::bench
