#include "cli/command.hpp"
#include "cli/log_setup.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <csignal>
#include <cstdio>
#include <exception>

namespace signalbox::cli {

void add_config_option(CLI::App& command, std::string& file) {
  command
    .add_option("config,-c,--config", file,
                "Configuration file (TOML); without one, the built-in defaults")
    ->type_name("FILE");
}

} // namespace signalbox::cli

int main(int argc, char** argv) try {
  using namespace signalbox::cli;
  // A closed pipe is an error of one write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  set_up_log({});
  CLI::App app{"Signalbox catches what Qlik Sense tells about its users' "
               "activity (UDP datagrams) and delivers it: Slack, Teams, MQTT, "
               "webhooks, files, the console, and lamps.",
               "signalbox"};
  app.set_version_flag("--version", "signalbox " SIGNALBOX_VERSION);
  app.require_subcommand(1);
  app.footer("Exit codes: 0 good, 1 failed, 2 usage, 78 bad configuration.");
  action chosen;
  add_run(app, chosen);
  add_check(app, chosen);
  add_send(app, chosen);
  add_lights(app, chosen);
  add_listen(app, chosen);
  add_status(app, chosen);
  add_dead_letters(app, chosen);
  add_reload(app, chosen);
  add_man(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? exit_code::good : exit_code::usage;
  }
  return chosen();
} catch (const std::exception& e) {
  std::fprintf(stderr, "signalbox: %s\n", e.what());
  return signalbox::cli::exit_code::failed;
}
