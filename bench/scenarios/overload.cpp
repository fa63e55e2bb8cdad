// Three times what the engine can take, for a minute: the books must balance,
// memory must stay flat, and nearly as much as ever must be taken in.
#include "bench/scenarios/scenarios.hpp"
#include "bench/scenarios/search.hpp"

#include <future>
#include <vector>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;

/// Sends the load while it looks at the process's memory, once a second.
struct watched {
  measured all;
  std::vector<double> rss; ///< MiB, from the first second on.
};

result<watched> measure_watched(engine& subject, load_plan plan,
                                std::uint64_t& sent) {
  watched x;
  auto running = std::async(std::launch::async,
                            [&] { return measure(subject, plan, sent); });
  while (running.wait_for(1s) != std::future_status::ready)
    x.rss.push_back(subject.process().memory().now);
  x.rss.push_back(subject.process().memory().now);
  const auto got = running.get();
  if (!got)
    return tl::unexpected(got.error());
  x.all = *got;
  return x;
}

/// From the second ten seconds to the last ten, in MiB: batches on their way
/// make it swing meanwhile. 0 for a short load.
double growth(const std::vector<double>& rss) {
  constexpr std::ptrdiff_t some = 10;
  if (std::ssize(rss) < 3 * some)
    return 0;
  const auto begin = rss.begin() + some;
  return median({rss.end() - some, rss.end()}) - median({begin, begin + some});
}

} // namespace

result<samples> run_overload(const settings& opts) {
  auto subject = engine::start(opts, journal_config("memory"));
  if (!subject)
    return tl::unexpected(subject.error());
  std::uint64_t sent = 0;
  const auto best = highest_rate(opts, true, [&](const auto& plan) {
    return measure(*subject, plan, sent);
  });
  if (!best)
    return tl::unexpected(best.error());
  auto plan =
    paced(opts, wire_form::qlik, static_cast<std::uint64_t>(3 * *best), 60s);
  plan.segmented = true;
  plan.must_hold = false;
  const auto got = measure_watched(*subject, plan, sent);
  if (!got)
    return tl::unexpected(got.error());
  if (const auto stopped = subject->stop(); !stopped)
    return tl::unexpected(stopped.error());
  const auto sample_of = [](const char* metric, double value) {
    return sample{"overload", "3 times the highest rate", "signalbox", metric,
                  value};
  };
  const auto taken_in = got->all.events_per_second();
  return samples{
    sample_of("sent_per_second", got->all.load.rate()),
    sample_of("events_per_second", taken_in),
    sample_of("of_highest_rate", taken_in / *best),
    sample_of("cpu_us_per_event", got->all.cpu_us_per_event()),
    sample_of("lost", static_cast<double>(got->all.lost)),
    sample_of("rss_mib", got->rss.back()),
    sample_of("rss_growth_mib", growth(got->rss)),
  };
}

} // namespace signalbox::bench
