#include "bench/scenarios/tally.hpp"

namespace signalbox::bench {

void tally::add(const std::string& subject, const measured& x) {
  auto& all = subjects_[subject];
  all.cpu.push_back(x.cpu_us_per_event());
  all.lost += static_cast<double>(x.lost);
}

samples tally::told(const std::string& scenario,
                    const std::string& load) const {
  samples xs;
  for (const auto& [subject, all] : subjects_) {
    xs.push_back(
      {scenario, load, subject, "cpu_us_per_event", median(all.cpu)});
    xs.push_back({scenario, load, subject, "lost", all.lost});
  }
  return xs;
}

} // namespace signalbox::bench
