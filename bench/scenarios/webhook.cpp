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
batch = {})";

/// The lines of the engine's requests that libcurl would not write by itself;
/// the key is as long as the engine's.
const std::vector<std::string> headers{
  "Content-Type: application/json",
  "Idempotency-Key: 00000000-0000-0000-0000-000000000000",
  "User-Agent: signalbox/0.1.0", "Expect:"};

result<samples> post(const settings& opts, std::uint64_t batch) {
  const std::string mark{"UserAgent:"}; // Stands in each event once.
  const auto hook = sink::start(take_http, mark);
  if (!hook)
    return tl::unexpected(hook.error());
  delivery_case x;
  x.scenario = "webhook";
  x.name = fmt::format("{} a request", batch);
  x.rate = opts.smoke ? 1'000 : batch == 1 ? 5'000 : 100'000;
  x.backlog = batch * (opts.smoke ? 100 : batch == 1 ? 20'000 : 3'000);
  x.batch = batch;
  x.destination = fmt::format(destination, batch);
  x.floor = [&](const delivery_plan& plan) {
    // By now the engine has shown how long its events are.
    const auto& seen = hook->seen();
    http_floor floor;
    floor.headers = headers;
    floor.bodies = {std::string(seen.bytes / seen.marks * batch, 'x')};
    return run_floor(floor, plan);
  };
  x.task.name = batch == 1 ? "webhook" : "webhook_batch";
  auto paced = compare_deliveries(opts, x, {hook->port(), &hook->seen(), true});
  if (!paced)
    return paced;
  auto backlog = compare_backlogs(opts, x, take_http, mark);
  if (!backlog)
    return backlog;
  paced->insert(paced->end(), backlog->begin(), backlog->end());
  return paced;
}

} // namespace

result<samples> run_webhook(const settings& opts) {
  auto single = post(opts, 1);
  auto batched = single ? post(opts, 33) : single;
  if (!batched)
    return batched;
  single->insert(single->end(), batched->begin(), batched->end());
  return single;
}

} // namespace signalbox::bench
