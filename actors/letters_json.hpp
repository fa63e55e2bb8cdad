// Dead letters as JSON, for the admin interface and the `dead-letters` command.
#pragma once

#include "messages/dead_letter.hpp"

#include <cstddef>
#include <string>

namespace signalbox {

/// `GET /api/dead-letters/ID`.
std::string letter_json(const dead_letter& x);

/// `GET /api/dead-letters`. Letters beyond about `most_bytes` are left for the
/// next page.
std::string letters_json(const letter_page& x,
                         std::size_t most_bytes = std::size_t{4} << 20U);

} // namespace signalbox
