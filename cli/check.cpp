#include "cli/command.hpp"
#include "cli/courier.hpp"
#include "cli/read_config.hpp"
#include "net/http_client.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace signalbox::cli {

namespace {

struct check_options {
  std::string config;
  bool connect = false;
};

wall_time now() {
  return std::chrono::system_clock::now();
}

/// Reaches one destination without delivering anything.
bool reach(net::http_client& http, const destination_plan& x) {
  auto request = x.shaper->probe();
  if (!request) {
    fmt::print("  {} ({}): nothing to reach\n", x.name, x.kind);
    return true;
  }
  courier way{http, x.shaper->open_transport()};
  const auto answer = way.carry(std::move(*request));
  // Reaching a server is all that was asked for: it has not been told a thing.
  const auto* web = std::get_if<http_answer>(&answer);
  const bool connected = web != nullptr && web->error.empty();
  const auto said = x.shaper->judge(answer, now());
  const bool good = connected || said.what == outcome::delivered;
  fmt::print("  {} ({}): {}\n", x.name, x.kind, good ? "reached" : said.reason);
  return good;
}

int check(const check_options& options) {
  const auto ready = read_config(options.config);
  if (!ready)
    return exit_code::bad_config;
  const auto& plan = ready->plan;
  fmt::print("{}: good ({} listeners, {} destinations, {} lamps)\n",
             options.config.empty() ? "built-in defaults" : options.config,
             plan.listeners.size(), plan.destinations.size(),
             plan.lights.size());
  if (!options.connect)
    return exit_code::good;
  net::http_client http{{1, "signalbox/" SIGNALBOX_VERSION}};
  bool all = true;
  for (const auto& x : plan.destinations)
    all = reach(http, x) && all;
  return all ? exit_code::good : exit_code::failed;
}

} // namespace

void add_check(CLI::App& app, action& chosen) {
  auto options = std::make_shared<check_options>();
  auto* command = app.add_subcommand(
    "check", "Read the configuration and say all that is wrong with it");
  add_config_option(*command, options->config);
  command->add_flag("--connect", options->connect,
                    "Also reach every destination; nothing is delivered");
  command->callback([options, &chosen] {
    chosen = [options] {
      return check(*options);
    };
  });
}

} // namespace signalbox::cli
