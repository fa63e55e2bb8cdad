// Where in a text that a person wrote something is wrong.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace signalbox::config {

/// "line 2, column 5: "; columns count bytes, from 1.
std::string place_in(std::string_view text, std::size_t offset);

/// A message of the template library, which ends in "… at <offset>", with the
/// place in `text` instead: people count lines.
std::string with_place(std::string_view text, const std::string& message);

} // namespace signalbox::config
