#include "cli/admin_client.hpp"
#include "cli/command.hpp"
#include "cli/status_text.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <memory>

namespace signalbox::cli {

namespace {

struct status_options {
  engine_options engine;
  bool json = false;
};

http_answer sessions_of(const admin_client& engine, bool by_name) {
  auto x = engine.get(by_name ? "/api/sessions" : "/api/sessions?limit=0");
  // An engine that has just started, or is older than we are.
  if (x.status == 503 || x.status == 404) {
    x.status = 200;
    x.body = "null";
  }
  return x;
}

int status(const status_options& options) {
  const auto engine = admin_client::of(options.engine);
  if (!engine) {
    if (!engine.error().what.empty())
      fmt::print(stderr, "signalbox status: {}\n", engine.error().what);
    return engine.error().kind == errc::bad_config ? exit_code::bad_config
                                                   : exit_code::failed;
  }
  const auto ledger = engine->get("/api/ledger");
  const auto destinations = engine->get("/api/destinations");
  const auto journal = engine->get("/api/journal");
  const auto sessions = sessions_of(*engine, options.json);
  const auto lights = engine->get("/api/lights");
  for (const auto* x : {&ledger, &destinations, &journal, &sessions, &lights})
    if (const auto why = engine->words_for(*x); !why.empty()) {
      fmt::print(stderr, "signalbox status: {}\n", why);
      return exit_code::failed;
    }
  if (options.json) {
    fmt::print("{{\"ledger\":{},\"destinations\":{},\"journal\":{},"
               "\"sessions\":{},\"lights\":{}}}\n",
               ledger.body, destinations.body, journal.body, sessions.body,
               lights.body);
    return exit_code::good;
  }
  const auto text = status_text(
    {ledger.body, destinations.body, journal.body, sessions.body, lights.body});
  if (!text) {
    fmt::print(stderr, "signalbox status: {}\n", text.error().what);
    return exit_code::failed;
  }
  fmt::print("{}", text->page);
  return text->balanced ? exit_code::good : exit_code::failed;
}

} // namespace

void add_status(CLI::App& app, action& chosen) {
  auto options = std::make_shared<status_options>();
  auto* command = app.add_subcommand(
    "status",
    "Print the ledger, the journal, who is active, the destinations and the "
    "lamps of a running engine");
  add_engine_options(*command, options->engine);
  command->add_flag("--json", options->json, "Print as JSON");
  command->callback([options, &chosen] {
    chosen = [options] {
      return status(*options);
    };
  });
}

} // namespace signalbox::cli
