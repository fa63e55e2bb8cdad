// What it costs to look up the key of an event, among few keys and very many.
#include "messages/event.hpp"
#include "policy/admission.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

using namespace signalbox;
using namespace std::chrono_literals;

/// Events of random users, a batch at a time.
class users {
public:
  explicit users(std::uint64_t count) : count_(count) {
    // nop
  }

  void fill(std::vector<event>& events) {
    events.resize(names_.size());
    for (std::size_t i = 0; i < names_.size(); ++i)
      name(events[i], names_[i], random_() % count_);
  }

  /// The next ones in order, so that each comes once.
  void fill_in_order(std::vector<event>& events) {
    events.resize(names_.size());
    for (std::size_t i = 0; i < names_.size(); ++i)
      name(events[i], names_[i], next_++ % count_);
  }

private:
  using buffer = std::array<char, 16>;

  static void name(event& x, buffer& to, std::uint64_t n) {
    const auto* end = fmt::format_to(to.data(), FMT_STRING("user{}"), n);
    x.user_directory = "LAB";
    x.user_id = {to.data(), static_cast<std::size_t>(end - to.data())};
  }

  std::uint64_t count_;
  std::uint64_t next_ = 0;
  std::mt19937_64 random_{1}; // NOLINT: the same in each run
  std::array<buffer, 64> names_{};
};

/// Bytes of memory that this process holds.
double resident() {
  std::ifstream statm{"/proc/self/statm"};
  double size = 0;
  double pages = 0;
  statm >> size >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

/// @param state range(0): how many keys.
void limit_per_user(benchmark::State& state) {
  const auto keys = static_cast<std::uint64_t>(state.range(0));
  admission_rules rules;
  // No bucket is full again in time, so that every key stays.
  rules.limits.push_back({"per user", {key_field::user}, 1, 1e9});
  const auto before = resident();
  auto entrance = admission::make(std::move(rules));
  users load{keys};
  std::vector<event> events;
  mono_time now{1h};
  for (std::uint64_t i = 0; i < 2 * keys; i += 64) {
    load.fill_in_order(events);
    entrance->admit(events, now);
  }
  const auto bytes = resident() - before;
  while (state.KeepRunning()) {
    load.fill(events);
    entrance->admit(events, now += 640us);
    benchmark::DoNotOptimize(events.data());
  }
  state.SetItemsProcessed(state.iterations() * 64);
  state.counters["per_event"] = benchmark::Counter(
    static_cast<double>(state.iterations() * 64),
    benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["keys"] = static_cast<double>(entrance->keys());
  state.counters["bytes_per_key"] =
    bytes / static_cast<double>(entrance->keys());
}

BENCHMARK(limit_per_user)->Arg(1'000)->Arg(1'000'000);

} // namespace

BENCHMARK_MAIN();
