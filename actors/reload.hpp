// How a running engine takes on a changed configuration.
#pragma once

#include "actors/supervisor.hpp"

#include <string>

namespace signalbox {

/// Reads the configuration again and changes what has changed. Those who ask
/// while it is being read are answered by one more reading.
caf::result<std::string> ask_for_reload(supervisor_ptr self);

} // namespace signalbox
