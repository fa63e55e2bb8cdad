// Dead letters as a person reads them.
#pragma once

#include "cli/letter_desk.hpp"
#include "messages/clock.hpp"
#include "messages/failure.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace signalbox::cli {

/// A table, a line each.
/// @param width Columns of the terminal; 0: lines are not cut.
result<std::string> letter_table(const letter_list& x, wall_time now,
                                 std::size_t width);

/// All that is known of one.
/// @param json As `GET /api/dead-letters/ID` answers.
result<std::string> letter_page_text(std::string_view json, wall_time now);

} // namespace signalbox::cli
