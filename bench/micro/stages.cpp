// What each stage behind the parser costs an event, in batches of one receive.
#include "bench/micro/sample_events.hpp"
#include "formats/event_json.hpp"
#include "messages/datagram_batch.hpp"
#include "policy/admission.hpp"
#include "policy/match.hpp"
#include "policy/session_table.hpp"
#include "storage/log_tail.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace signalbox;
using namespace std::chrono_literals;

constexpr auto batch_size = datagram_batch::max_datagrams;

/// All of the sample's users, hosts and apps, in full batches.
const std::vector<event_batch_builder>& batches() {
  static const auto made = [] {
    const auto all = bench::sample_events(16 * batch_size);
    std::vector<event_batch_builder> xs;
    for (std::size_t i = 0; i < all->events.size(); i += batch_size) {
      // The events point into `all`, which lives as long.
      auto& x = xs.emplace_back(std::make_shared<event_batch>());
      x->events.assign(all->events.begin() + static_cast<std::ptrdiff_t>(i),
                       all->events.begin()
                         + static_cast<std::ptrdiff_t>(i + batch_size));
    }
    static const auto keeper = all;
    return xs;
  }();
  return made;
}

/// Runs `stage` with one batch after the other.
template <class Stage>
void per_event(benchmark::State& state, Stage stage) {
  const auto& all = batches();
  std::size_t turn = 0;
  while (state.KeepRunning())
    stage(*all[turn++ % all.size()]);
  state.counters["per_event"] = benchmark::Counter(
    static_cast<double>(turn * batch_size),
    benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// One limit by user, which all pass.
void admission_of_1000_users(benchmark::State& state) {
  admission_rules rules;
  rules.limits.push_back({"per user", {key_field::user}, 1e6, 1e6});
  auto admit = admission::make(std::move(rules));
  mono_time now{1s};
  std::vector<event> events;
  events.reserve(batch_size);
  per_event(state, [&](const event_batch& x) {
    events = x.events; // Admission may drop some: part of what is measured.
    now += 100us;
    benchmark::DoNotOptimize(admit->admit(events, now));
  });
}
BENCHMARK(admission_of_1000_users);

void sessions(benchmark::State& state) {
  session_table table;
  per_event(state, [&](const event_batch& x) {
    for (const auto& e : x.events)
      benchmark::DoNotOptimize(table.apply(e));
  });
}
BENCHMARK(sessions);

/// Appended to the log in memory, read by one reader, who moves on.
void log_and_one_reader(benchmark::State& state) {
  storage::log_tail log{storage::log_options{}, false, {}};
  mono_time now{1s};
  log.watch("reader");
  sequence next = 1;
  const auto& all = batches();
  std::size_t turn = 0;
  while (state.KeepRunning()) {
    now += 100us;
    benchmark::DoNotOptimize(
      log.append(all[turn++ % all.size()], now, wall_time{}));
    const auto found = log.read(next, 1024);
    next = std::get<slice>(found).end;
    progress x;
    x.at.where.next = next;
    log.advance("reader", std::move(x), now);
  }
  state.counters["per_event"] = benchmark::Counter(
    static_cast<double>(turn * batch_size),
    benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(log_and_one_reader);

void match(benchmark::State& state, const match_spec& spec) {
  const auto wanted = matcher::compile(spec);
  per_event(state, [&](const event_batch& x) {
    for (const auto& e : x.events)
      benchmark::DoNotOptimize(wanted->holds(e));
  });
}

void match_kind(benchmark::State& state) {
  match_spec spec;
  spec.kind = {"session_start"};
  match(state, spec);
}
BENCHMARK(match_kind);

void match_user_glob(benchmark::State& state) {
  match_spec spec;
  spec.user = {"LAB/user1*"};
  match(state, spec);
}
BENCHMARK(match_user_glob);

void match_user_regular_expression(benchmark::State& state) {
  match_spec spec;
  spec.user = {"/^LAB/(sa|svc)_/"};
  match(state, spec);
}
BENCHMARK(match_user_regular_expression);

void json(benchmark::State& state) {
  std::string out;
  per_event(state, [&](const event_batch& x) {
    out.clear();
    for (const auto& e : x.events)
      append_json(out, e);
    benchmark::DoNotOptimize(out.data());
  });
}
BENCHMARK(json);

} // namespace

BENCHMARK_MAIN();
