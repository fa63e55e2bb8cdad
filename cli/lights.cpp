#include "cli/lights.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace signalbox::cli {

void add_lights(CLI::App& app, action& chosen) {
  auto* command = app.add_subcommand("lights", "Find, pair and try lamps");
  command->require_subcommand(1);
  add_lights_list(*command, chosen);
  add_lights_pair(*command, chosen);
  add_lights_test(*command, chosen);
}

} // namespace signalbox::cli
