// UDP → parse → limit → journal → nothing, beside a process that only receives.
#include "bench/scenarios/measure.hpp"
#include "bench/scenarios/scenarios.hpp"

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;

/// All pass, but each is looked up.
constexpr const char* limit = R"(
[[limit]]
name = "per user"
key = ["user"]
rate = "1000000/s"
burst = 1000000
)";

struct variant {
  const char* subject;
  const char* store;
};

constexpr variant variants[] = {
  {"signalbox", "memory"},
  {"signalbox, sqlite", "sqlite"},
};

/// What the rounds of one subject said.
struct findings {
  std::vector<double> cpu;
  double lost = 0;

  void add(const measured& x) {
    cpu.push_back(x.cpu_us_per_event());
    lost += static_cast<double>(x.lost);
  }
};

result<samples> at(const settings& opts, wire_form form, std::uint64_t rate) {
  load_plan plan;
  plan.form = form;
  plan.rate = rate;
  plan.length = opts.length(3s);
  const auto load =
    fmt::format("{} {}/s", form == wire_form::json ? "json" : "qlik", rate);
  std::map<std::string, findings> found;
  for (unsigned i = 0; i < opts.rounds; ++i) {
    const auto floor = receive_floor::start(
      {.read_json = form == wire_form::json, .file = {}, .bytes = 0});
    if (!floor)
      return tl::unexpected(floor.error());
    const auto least = measure(*floor, plan);
    if (!least)
      return tl::unexpected(least.error());
    found["floor"].add(*least);
    for (const auto& x : variants) {
      auto subject = engine::start(
        opts, fmt::format("[journal]\nstore = \"{}\"\n{}", x.store, limit));
      if (!subject)
        return tl::unexpected(subject.error());
      std::uint64_t sent = 0;
      const auto got = measure(*subject, plan, sent);
      if (!got)
        return tl::unexpected(got.error());
      if (const auto stopped = subject->stop(); !stopped)
        return tl::unexpected(stopped.error());
      found[x.subject].add(*got);
    }
  }
  samples xs;
  for (const auto& [subject, x] : found) {
    xs.push_back({"receive", load, subject, "cpu_us_per_event", median(x.cpu)});
    xs.push_back({"receive", load, subject, "lost", x.lost});
  }
  return xs;
}

} // namespace

result<samples> run_receive(const settings& opts) {
  const auto rates = opts.smoke ? std::vector<std::uint64_t>{20'000}
                                : std::vector<std::uint64_t>{100'000, 200'000};
  samples all;
  for (const auto form : {wire_form::qlik, wire_form::json})
    for (const auto rate : rates) {
      auto xs = at(opts, form, rate);
      if (!xs)
        return xs;
      all.insert(all.end(), xs->begin(), xs->end());
    }
  return all;
}

} // namespace signalbox::bench
