// What a benchmark says: numbers with names, and the machine they come from.
#pragma once

#include "messages/failure.hpp"

#include <string>
#include <vector>

namespace signalbox::bench {

/// One number. A report puts those of one scenario and load beside each other.
struct sample {
  std::string scenario; ///< "receive"
  std::string load;     ///< "qlik 100000/s"
  std::string subject;  ///< "signalbox", "floor", "rsyslog", …
  std::string metric;   ///< "cpu_us_per_event", "lost", "rss_mib", …
  double value = 0;
};

using samples = std::vector<sample>;

/// What a run is recorded with.
struct run_info {
  std::string commit; ///< Of the engine.
  std::string date;   ///< ISO 8601, UTC.
  bool smoke = false; ///< Its numbers mean nothing.
};

/// The whole run as a JSON document, with the machine's processor, cores and
/// kernel, but not its name.
std::string as_json(const run_info& info, const samples& xs);

/// The middle one; the mean of both of an even number.
double median(std::vector<double> xs);

} // namespace signalbox::bench
