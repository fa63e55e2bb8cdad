// One command of `signalbox`: how it is called, and what it does.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
} // namespace CLI

namespace signalbox::cli {

/// Exit codes, the same for every command.
enum exit_code : int {
  good = 0,
  failed = 1,
  usage = 2,
  bad_config = 78, ///< EX_CONFIG of sysexits.h.
};

/// Set by the command that was called; `main` runs it after parsing.
using action = std::function<int()>;

void add_check(CLI::App& app, action& chosen);
void add_dead_letters(CLI::App& app, action& chosen);
void add_lights(CLI::App& app, action& chosen);
void add_listen(CLI::App& app, action& chosen);
void add_man(CLI::App& app, action& chosen);
void add_reload(CLI::App& app, action& chosen);
void add_run(CLI::App& app, action& chosen);
void add_send(CLI::App& app, action& chosen);
void add_status(CLI::App& app, action& chosen);

/// `FILE` and `--config FILE`, for commands that read the configuration.
void add_config_option(CLI::App& command, std::string& file);

} // namespace signalbox::cli
