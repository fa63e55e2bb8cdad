// The blob alone: what an event costs on its way into it and out of it, beside
// the least that it could cost, a copy of the same bytes and their checksum.
#include "bench/micro/sample_events.hpp"
#include "formats/batch_blob.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <xxhash.h>

namespace {

using namespace signalbox;

std::string blob_of(const event_batch& batch) {
  blob_writer out{1};
  for (const auto& x : batch.events)
    out.add(x);
  return out.finish();
}

/// The sample that a benchmark is for, and its blob.
struct sample {
  explicit sample(const benchmark::State& state)
    : batch(bench::sample_events(static_cast<std::size_t>(state.range(0)))),
      blob(blob_of(*batch)) {
    // nop
  }

  event_batch_builder batch;
  std::string blob;
};

void report(benchmark::State& state, const sample& of) {
  const auto events = static_cast<double>(of.batch->events.size());
  state.counters["per_event"] =
    benchmark::Counter(events, benchmark::Counter::kIsIterationInvariantRate
                                 | benchmark::Counter::kInvert);
  state.counters["bytes"] = static_cast<double>(of.blob.size()) / events;
}

void encode(benchmark::State& state) {
  const sample of{state};
  blob_writer out{1};
  while (state.KeepRunning()) {
    for (const auto& x : of.batch->events)
      out.add(x);
    benchmark::DoNotOptimize(out.finish());
  }
  report(state, of);
}
BENCHMARK(encode)->Arg(64)->Arg(256);

/// With the copy that stands for the read from disk or network.
void decode(benchmark::State& state) {
  const sample of{state};
  while (state.KeepRunning()) {
    auto batch = decode_blob(of.blob, 1);
    if (!batch)
      return state.SkipWithError(batch.error().what.c_str());
    benchmark::DoNotOptimize((*batch)->events.data());
  }
  report(state, of);
}
BENCHMARK(decode)->Arg(64)->Arg(256);

/// What neither of them can do without: new memory, a copy, the checksum.
void floor_of_both(benchmark::State& state) {
  const sample of{state};
  while (state.KeepRunning()) {
    auto copy = of.blob;
    benchmark::DoNotOptimize(copy.data());
    benchmark::DoNotOptimize(XXH3_64bits(copy.data(), copy.size()));
  }
  report(state, of);
}
BENCHMARK(floor_of_both)->Name("floor")->Arg(64)->Arg(256);

} // namespace

BENCHMARK_MAIN();
