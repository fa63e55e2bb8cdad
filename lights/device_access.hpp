// Why a device node or a file of the kernel cannot be used, and what to do.
#pragma once

#include <string>

namespace signalbox::lights {

/// Tries to open `path` for reading and writing, as somebody just did in vain,
/// and says in words why that fails.
std::string why_not_open(const std::string& path);

/// The words for an error (`errno`) of opening or writing `path`.
std::string access_trouble(const std::string& path, int error);

} // namespace signalbox::lights
