// The highest rate of the scenario `receive`, beside that of a process that
// only receives.
#include "bench/scenarios/peers.hpp"
#include "bench/scenarios/scenarios.hpp"
#include "bench/scenarios/search.hpp"

namespace signalbox::bench {

namespace {

result<double> of_floor(const settings& opts, bool segmented) {
  const auto floor = receive_floor::start({});
  if (!floor)
    return tl::unexpected(floor.error());
  return highest_rate(opts, segmented,
                      [&](const auto& plan) { return measure(*floor, plan); });
}

result<double> of_engine(const settings& opts, bool segmented) {
  auto subject = engine::start(opts, journal_config("memory"));
  if (!subject)
    return tl::unexpected(subject.error());
  std::uint64_t sent = 0;
  const auto rate = highest_rate(opts, segmented, [&](const auto& plan) {
    return measure(*subject, plan, sent);
  });
  if (!rate)
    return tl::unexpected(rate.error());
  return subject->stop().map([&] { return *rate; });
}

result<double> of_peer(const settings& opts, std::string_view name,
                       const peer_task& task) {
  const auto subject = peer::start(opts, name, task);
  if (!subject)
    return tl::unexpected(subject.error());
  return highest_rate(
    opts, true, [&](const auto& plan) { return measure(*subject, plan); });
}

} // namespace

result<samples> run_highest_rate(const settings& opts) {
  samples xs;
  for (const auto segmented : {false, true}) {
    const auto* load = segmented ? "qlik" : "qlik, sendmmsg";
    const auto floor = of_floor(opts, segmented);
    if (!floor)
      return tl::unexpected(floor.error());
    const auto mine = of_engine(opts, segmented);
    if (!mine)
      return tl::unexpected(mine.error());
    xs.push_back({"highest_rate", load, "floor", "events_per_second", *floor});
    xs.push_back(
      {"highest_rate", load, "signalbox", "events_per_second", *mine});
  }
  const peer_task task{.name = "receive"};
  return for_peers(opts, task,
                   [&](std::string_view name) {
                     return of_peer(opts, name, task).map([&](double rate) {
                       xs.push_back({"highest_rate", "qlik", std::string{name},
                                     "events_per_second", rate});
                     });
                   })
    .map([&] { return xs; });
}

} // namespace signalbox::bench
