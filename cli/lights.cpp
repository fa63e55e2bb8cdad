#include "cli/lights.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace signalbox::cli {

void add_lights(CLI::App& app, action& chosen) {
  auto* command =
    app.add_subcommand("lights", "Find lamps, and pair with them");
  command->require_subcommand(1);
  add_lights_pair(*command, chosen);
}

} // namespace signalbox::cli
