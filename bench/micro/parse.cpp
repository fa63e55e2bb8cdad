// The parser alone: what an event costs from datagram to event, by format.
#include "bench/load/samples.hpp"
#include "bench/micro/sample_events.hpp"
#include "formats/wire_parser.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace {

using namespace signalbox;

void parse(benchmark::State& state, const std::vector<std::string>& texts,
           const wire_parser::options& options) {
  const auto batch = bench::wire_of(texts, datagram_batch::max_datagrams);
  wire_parser parser{options, id_source{"bench", wall_time{}, 0}};
  std::size_t events = 0;
  while (state.KeepRunning()) {
    event_batch out{batch};
    out.events.reserve(batch->items.size());
    for (const auto& x : batch->items)
      benchmark::DoNotOptimize(parser.parse(*batch, x, out));
    events += out.events.size();
  }
  if (events != state.iterations() * batch->items.size())
    state.SkipWithError("not every datagram became an event");
  state.SetItemsProcessed(static_cast<std::int64_t>(events));
  state.counters["per_event"] = benchmark::Counter(
    static_cast<double>(events),
    benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void qlik(benchmark::State& state) {
  parse(state, bench::sample_datagrams(), {});
}
BENCHMARK(qlik);

/// With user agents; few distinct ones arrive, so the cache is what counts.
void qlik_with_user_agents(benchmark::State& state) {
  auto rules = user_agent_rules::load("/usr/share/uap-core/regexes.yaml");
  if (!rules)
    return state.SkipWithError(rules.error().what.c_str());
  wire_parser::options options;
  options.user_agents = *rules;
  parse(state, bench::sample_datagrams(), options);
}
BENCHMARK(qlik_with_user_agents);

void json(benchmark::State& state) {
  const std::string text =
    R"({"kind":"session_start","host":"sense1.example.com","user":)"
    R"({"directory":"LAB","id":"goran"},"origin":"AppAccess","context":)"
    R"("/app/a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69?reloaduri=hub","message":)"
    R"("Start session for user LAB\\goran","app":{"id":)"
    R"("a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69","name":"Sales"},"time":)"
    R"("2026-11-22T09:15:02.123Z","attributes":{"site":"north"}})";
  parse(state, {text}, {});
}
BENCHMARK(json);

} // namespace

BENCHMARK_MAIN();
