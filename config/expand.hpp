// `${VAR}` in the strings of a configuration.
#pragma once

#include "config/load.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::config {

/// A string with its variables replaced.
struct expansion {
  std::string text;
  std::vector<std::string> mistakes; ///< Empty: `text` is good.
};

/// Replaces `${VAR}`, and `${VAR:-default}`, whose default also stands in for
/// an empty variable. `$${` stands for `${`; any other `$` for itself. Values
/// are not expanded again.
expansion expand(std::string_view text, const environment& env);

} // namespace signalbox::config
