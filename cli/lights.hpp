// The commands of `signalbox lights`.
#pragma once

#include "cli/command.hpp"

namespace signalbox::cli {

void add_lights_list(CLI::App& lights, action& chosen);
void add_lights_test(CLI::App& lights, action& chosen);
void add_lights_pair(CLI::App& lights, action& chosen);

} // namespace signalbox::cli
