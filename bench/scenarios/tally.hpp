// What the rounds of one load said about each subject.
#pragma once

#include "bench/scenarios/measure.hpp"
#include "bench/scenarios/samples.hpp"

#include <map>
#include <string>
#include <vector>

namespace signalbox::bench {

/// Rounds go through all subjects in turn, so that a busy moment of the machine
/// meets them all; the median of each is what is told.
class tally {
public:
  void add(const std::string& subject, const measured& x);

  /// `cpu_us_per_event` and `lost`, of all rounds, for each subject.
  [[nodiscard]] samples told(const std::string& scenario,
                             const std::string& load) const;

private:
  struct found {
    std::vector<double> cpu;
    double lost = 0;
  };

  std::map<std::string, found> subjects_;
};

} // namespace signalbox::bench
