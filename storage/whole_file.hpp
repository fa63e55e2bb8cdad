// A small file that is read and replaced as a whole.
#pragma once

#include "messages/failure.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::storage {

/// The file's bytes; empty if there is no such file. Fails with `errc::file`
/// when it cannot be read or exceeds `max_bytes`.
result<std::optional<std::string>> read_whole(const std::string& path,
                                              std::size_t max_bytes);

/// Puts `bytes` in the place of what was there: whoever reads it, also after
/// this process was killed, finds either. Writes `<path>.new` first. A power
/// cut may cost both, unless `sync`, which waits for the disk. The file is for
/// its owner only.
result<void> replace_whole(const std::string& path, std::string_view bytes,
                           bool sync);

} // namespace signalbox::storage
