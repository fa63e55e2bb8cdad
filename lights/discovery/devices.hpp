// What finders on this machine share.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace signalbox::lights {

/// The names in a folder, sorted; those that are no plain text are left out.
/// None if it cannot be read. 1,024 at most.
std::vector<std::string> names_in(const std::filesystem::path& folder);

/// Whether this process may write to it.
bool is_writable(const std::filesystem::path& file);

} // namespace signalbox::lights
