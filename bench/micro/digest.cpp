// A digest alone: what an event above a destination's rate costs.
#include "policy/digest.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace signalbox;

/// The fields of one event, and where it keeps their text.
struct texts {
  std::string host;
  std::string user_id;
  std::string app_id;
  std::string app_name;
};

/// Events of so many users on 8 hosts with 50 apps, each with text of its own,
/// as parsers make them.
class storm {
public:
  explicit storm(std::size_t users) {
    constexpr std::size_t events = 8192;
    texts_.reserve(events);
    for (std::size_t i = 0; i < events; ++i) {
      const auto user = i * 7919 % users;
      const auto& text = texts_.emplace_back(
        texts{fmt::format("sense{}.example.com", user % 8),
              fmt::format("Firstname.Lastname{}", user),
              fmt::format("a421f4a2-c311-4ef4-ba41-{:012x}", user % 50),
              fmt::format("Sales dashboard of region {}", user % 50)});
      event x;
      x.kind = static_cast<event_kind>(i % 4);
      x.received = wall_time{std::chrono::microseconds{10 * i}};
      x.host = text.host;
      x.user_directory = "LAB";
      x.user_id = text.user_id;
      x.app_id = text.app_id;
      x.app_name = text.app_name;
      events_.push_back(x);
    }
  }

  [[nodiscard]] const std::vector<event>& events() const {
    return events_;
  }

private:
  std::vector<texts> texts_;
  std::vector<event> events_;
};

/// All names are known but for the first round.
void add(benchmark::State& state) {
  const storm all{static_cast<std::size_t>(state.range(0))};
  digest sum;
  for (const auto& x : all.events())
    sum.add(x);
  const auto before = sum.events();
  while (state.KeepRunning())
    for (const auto& x : all.events())
      sum.add(x);
  const auto events = sum.events() - before;
  if (events != state.iterations() * all.events().size())
    state.SkipWithError("not every event was counted");
  state.SetItemsProcessed(static_cast<std::int64_t>(events));
  state.counters["per_event"] = benchmark::Counter(
    static_cast<double>(events),
    benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
// Few users, as many as a digest tells apart, and more.
BENCHMARK(add)->Arg(20)->Arg(1000)->Arg(5000);

} // namespace

BENCHMARK_MAIN();
