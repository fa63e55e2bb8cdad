// Configurations with places to fill in.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::bench {

/// Puts values in the place of each "@NAME@".
std::string
fill_in(std::string text,
        const std::vector<std::pair<std::string_view, std::string>>& values);

} // namespace signalbox::bench
