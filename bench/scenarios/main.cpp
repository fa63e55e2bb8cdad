// Runs scenarios and writes what they found.
#include "bench/peers/peer.hpp"
#include "bench/scenarios/samples.hpp"
#include "bench/scenarios/scenarios.hpp"
#include "bench/scenarios/settings.hpp"

#include <CLI/CLI.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace signalbox::bench {

namespace {

struct scenario {
  const char* name;
  result<samples> (*run)(const settings&);
};

constexpr auto scenarios = std::to_array<scenario>({
  {"receive", run_receive},
  {"highest_rate", run_highest_rate},
  {"file", run_file},
  {"mqtt", run_mqtt},
  {"webhook", run_webhook},
  {"latency", run_latency},
  {"many_destinations", run_many_destinations},
  {"outage", run_outage},
  {"overload", run_overload},
});

struct options {
  settings all;
  std::vector<std::string> only;
  std::string json;
  run_info info;
};

bool is_asked_for(const options& opts, const scenario& x) {
  return opts.only.empty() || std::ranges::count(opts.only, x.name) > 0;
}

void print(const samples& xs) {
  for (const auto& x : xs)
    fmt::print("{:<16} {:<16} {:<28} {:<18} {:>12.3f}\n", x.scenario, x.load,
               x.subject, x.metric, x.value);
  std::cout << std::flush;
}

void note_missing_peers(const settings& opts) {
  for (const auto name : peer_names)
    if (!opts.smoke && !peer::is_installed(opts, name))
      fmt::print("{} is not there: its rows are left out\n", name);
}

int run(const options& opts) {
  note_missing_peers(opts.all);
  samples all;
  bool failed = false;
  for (const auto& x : scenarios) {
    if (!is_asked_for(opts, x))
      continue;
    const auto begin = std::chrono::steady_clock::now();
    const auto xs = x.run(opts.all);
    const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - begin;
    fmt::print("=== {}: {:.0f} s\n", x.name, took.count());
    if (!xs) {
      failed = true;
      fmt::print("FAILED: {}\n", xs.error().what);
      continue;
    }
    print(*xs);
    all.insert(all.end(), xs->begin(), xs->end());
  }
  if (!opts.json.empty())
    std::ofstream{opts.json} << as_json(opts.info, all);
  return failed ? 1 : 0;
}

std::vector<std::string> known_names() {
  std::vector<std::string> names;
  names.reserve(scenarios.size());
  for (const auto& x : scenarios)
    names.emplace_back(x.name);
  return names;
}

} // namespace

} // namespace signalbox::bench

int main(int argc, char** argv) try {
  using namespace signalbox::bench;
  options opts;
  opts.info.commit = "unknown";
  opts.info.date =
    fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  CLI::App app{"The engine beside the least that its work can cost"};
  app.add_option("--engine", opts.all.engine, "The signalbox binary")
    ->required()
    ->check(CLI::ExistingFile);
  app.add_option("--only", opts.only, "Scenarios to run; all, unless told")
    ->delimiter(',')
    ->check(CLI::IsMember(known_names()));
  app.add_flag("--smoke", opts.all.smoke, "Only show that they work");
  app.add_option("--peers", opts.all.peers, "Folder of the peers' configs")
    ->check(CLI::ExistingDirectory);
  app
    .add_option("--peer-programs", opts.all.peer_programs,
                "Folder that peers/fetch.sh has filled")
    ->check(CLI::ExistingDirectory);
  app.add_option("--work", opts.all.work, "Where temporary folders are made")
    ->check(CLI::ExistingDirectory)
    ->capture_default_str();
  app.add_option("--rounds", opts.all.rounds, "Measurements of each subject")
    ->check(CLI::Range(1U, 100U))
    ->capture_default_str();
  app.add_option("--commit", opts.info.commit, "The commit to record");
  app.add_option("--json", opts.json, "Write the numbers here");
  CLI11_PARSE(app, argc, argv);
  if (opts.all.smoke)
    opts.all.rounds = 1;
  opts.info.smoke = opts.all.smoke;
  return run(opts);
} catch (const std::exception& problem) {
  std::cerr << problem.what() << '\n';
  return 1;
}
