// Which dead letters a person means: the parameters of the admin interface,
// which are the options of the `dead-letters` command.
#pragma once

#include "messages/clock.hpp"
#include "messages/dead_letter.hpp"
#include "messages/failure.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace signalbox {

/// Names and values, as a URL's query has them.
using letter_params = std::multimap<std::string, std::string>;

/// Letters of one page, at most.
inline constexpr std::uint32_t most_letters_a_page = 1000;

/// A list: `id`, `destination`, `reason`, `older_than`, and of those up to
/// `limit` with an id above `after`. An empty value asks for nothing. Fails
/// with `errc::usage`.
result<letter_query> letters_to_list(const letter_params& x, wall_time now);

/// Letters to be sent again: the same, without `limit` and `after`. Without any
/// of them, all are; `all=true` says so aloud. An empty value is a mistake.
result<letter_query> letters_to_retry(const letter_params& x, wall_time now);

/// Letters to be deleted: the same, but all of them only if `all=true` says so.
result<letter_query> letters_to_purge(const letter_params& x, wall_time now);

} // namespace signalbox
