#include "cli/admin_client.hpp"
#include "cli/command.hpp"
#include "policy/plain_text.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <simdjson.h>

#include <cstdio>
#include <memory>
#include <string>

namespace signalbox::cli {

namespace {

constexpr std::size_t longest_line = 2000;

struct reload_options {
  engine_options engine;
  bool json = false;
};

int explain(const std::string& words) {
  if (!words.empty())
    fmt::print(stderr, "signalbox reload: {}\n", words);
  return exit_code::failed;
}

/// Prints the mistakes, if that is what the answer holds.
bool print_mistakes(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::array mistakes;
  if (parser.parse(simdjson::padded_string{body})["mistakes"].get(mistakes)
      != simdjson::SUCCESS)
    return false;
  for (const auto x : mistakes) {
    std::string_view line;
    if (x.get(line) == simdjson::SUCCESS)
      fmt::print(stderr, "{}\n", one_line(line, longest_line));
  }
  return true;
}

int reload(const reload_options& options) {
  const auto engine = admin_client::of(options.engine);
  if (!engine) {
    explain(engine.error().what);
    return engine.error().kind == errc::bad_config ? exit_code::bad_config
                                                   : exit_code::failed;
  }
  const auto answer = engine->post("/api/reload");
  if (options.json && (answer.status == 200 || answer.status == 400)) {
    fmt::print("{}\n", answer.body);
    return answer.status == 200 ? exit_code::good : exit_code::failed;
  }
  if (answer.status == 400 && print_mistakes(answer.body))
    return explain("refused; the engine goes on as it was");
  if (answer.status != 200)
    return explain(engine->words_for(answer));
  simdjson::dom::parser parser;
  std::string_view changes;
  if (parser.parse(simdjson::padded_string{answer.body})["reloaded"].get(
        changes)
      != simdjson::SUCCESS)
    return explain("the engine's answer is not understood");
  fmt::print("reloaded: {}\n", one_line(changes, longest_line));
  return exit_code::good;
}

} // namespace

void add_reload(CLI::App& app, action& chosen) {
  auto options = std::make_shared<reload_options>();
  auto* command = app.add_subcommand(
    "reload", "Let a running engine read its configuration again");
  add_engine_options(*command, options->engine);
  command->add_flag("--json", options->json, "Print as JSON");
  command->callback([options, &chosen] {
    chosen = [options] {
      return reload(*options);
    };
  });
}

} // namespace signalbox::cli
