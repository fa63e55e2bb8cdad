// UDP → parse → limit → journal → nothing, beside a process that only receives.
#include "bench/scenarios/measure.hpp"
#include "bench/scenarios/peers.hpp"
#include "bench/scenarios/scenarios.hpp"
#include "bench/scenarios/tally.hpp"

#include <vector>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;

result<samples> at(const settings& opts, const load_plan& plan) {
  receive_work work;
  work.read_json = plan.form == wire_form::json;
  tally all;
  for (unsigned i = 0; i < opts.rounds; ++i) {
    const auto least = measure_floor(work, plan);
    if (!least)
      return tl::unexpected(least.error());
    all.add("floor", *least);
    for (const auto* store : {"memory", "sqlite"}) {
      const auto got = measure_engine(opts, journal_config(store), plan);
      if (!got)
        return tl::unexpected(got.error());
      all.add(store == std::string{"memory"} ? "signalbox"
                                             : "signalbox, journal on disk",
              *got);
    }
  }
  const peer_task task{.name = plan.form == wire_form::json ? "receive_json"
                                                            : "receive"};
  return for_peers(opts, task,
                   [&](std::string_view name) {
                     return measure_peer(opts, name, task, plan)
                       .map(
                         [&](const auto& x) { all.add(std::string{name}, x); });
                   })
    .map([&] { return all.told("receive", name_of(plan)); });
}

} // namespace

result<samples> run_receive(const settings& opts) {
  const auto rates = opts.smoke ? std::vector<std::uint64_t>{20'000}
                                : std::vector<std::uint64_t>{100'000, 200'000};
  samples all;
  for (const auto form : {wire_form::qlik, wire_form::json})
    for (const auto rate : rates) {
      const auto xs = at(opts, paced(opts, form, rate, 1500ms));
      if (!xs)
        return tl::unexpected(xs.error());
      all.insert(all.end(), xs->begin(), xs->end());
    }
  return all;
}

} // namespace signalbox::bench
