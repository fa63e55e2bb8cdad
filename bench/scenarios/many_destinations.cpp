// Many destinations: what those cost that get nothing, and the memory of those
// that get their share.
#include "bench/scenarios/measure.hpp"
#include "bench/scenarios/scenarios.hpp"

#include <fmt/format.h>

#include <array>
#include <map>
#include <string>
#include <vector>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;

constexpr const char* scenario = "many_destinations";
constexpr std::uint64_t rate = 50'000;

constexpr unsigned healthy = 20;

struct variant {
  const char* subject;
  unsigned idle; ///< Destinations of which no event is.
};

constexpr std::array variants{
  variant{"signalbox, 1 destination", 0},
  variant{"signalbox, 64 destinations", 63},
};

constexpr const char* journal = "[journal]\nstore = \"memory\"\n";

std::string destination(unsigned number, const std::string& rest) {
  return fmt::format("[[destination]]\n"
                     "name = \"file-{0}\"\n"
                     "kind = \"file\"\n"
                     "path = \"{0}.ndjson\"\n{1}",
                     number, rest);
}

/// One destination that gets all, and others that wait for somebody else.
std::string one_of(unsigned idle) {
  auto config = journal + destination(0, {});
  for (unsigned i = 1; i <= idle; ++i)
    config +=
      destination(i, fmt::format("match = {{ user = \"LAB/nobody{}\" }}\n", i));
  return config;
}

/// Destinations that all get everything.
std::string all_of(unsigned count) {
  std::string config = journal;
  for (unsigned i = 0; i < count; ++i)
    config += destination(i, {});
  return config;
}

load_plan load_of(const settings& opts) {
  load_plan plan;
  plan.rate = opts.smoke ? 5'000 : rate;
  plan.length = opts.length(3s);
  return plan;
}

struct outcome {
  measured load;
  memory_use memory;
};

result<outcome> run(const settings& opts, const std::string& config) {
  auto subject = engine::start(opts, config);
  if (!subject)
    return tl::unexpected(subject.error());
  std::uint64_t sent = 0;
  const auto got = measure_warm(*subject, load_of(opts), sent);
  if (!got)
    return tl::unexpected(got.error());
  const auto memory = subject->process().memory();
  if (auto stopped = subject->stop(); !stopped)
    return tl::unexpected(stopped.error());
  return outcome{*got, memory};
}

} // namespace

result<samples> run_many_destinations(const settings& opts) {
  const auto load = fmt::format("qlik {}/s", load_of(opts).rate);
  std::map<std::string, std::vector<double>> cpu;
  std::map<std::string, double> lost;
  std::vector<double> rss;
  const auto all = fmt::format("signalbox, {} destinations", healthy);
  for (unsigned i = 0; i < opts.rounds; ++i) {
    for (const auto& x : variants) {
      const auto got = run(opts, one_of(x.idle));
      if (!got)
        return tl::unexpected(got.error());
      cpu[x.subject].push_back(got->load.cpu_us_per_event());
      lost[x.subject] += static_cast<double>(got->load.lost);
    }
    const auto got = run(opts, all_of(healthy));
    if (!got)
      return tl::unexpected(got.error());
    cpu[all].push_back(got->load.cpu_us_per_event());
    lost[all] += static_cast<double>(got->load.lost);
    rss.push_back(got->memory.peak);
  }
  samples xs;
  for (const auto& [subject, values] : cpu) {
    xs.push_back({scenario, load, subject, "cpu_us_per_event", median(values)});
    xs.push_back({scenario, load, subject, "lost", lost[subject]});
  }
  xs.push_back({scenario, load, all, "rss_mib", median(rss)});
  return xs;
}

} // namespace signalbox::bench
