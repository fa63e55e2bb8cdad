// Keys that several kinds of destinations read in the same way. Each reports
// mistakes to the section, at the key.
#pragma once

#include "config/section.hpp"
#include "destinations/escape.hpp"
#include "destinations/event_template.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace signalbox {

/// Parses `text`, which came from `key`; null after a mistake.
std::optional<event_template> parse_template(config::section& options,
                                             std::string_view key,
                                             std::string_view text,
                                             escape::function escape);

/// The template in `key` or in the file named by `key_file`, else `fallback`.
std::optional<event_template> read_template(config::section& options,
                                            std::string_view key,
                                            std::string_view fallback,
                                            escape::function escape);

/// For kinds that speak to machines: `excess = "digest"` is a mistake there,
/// since digests are for people.
void refuse_digests(config::section& options);

} // namespace signalbox
