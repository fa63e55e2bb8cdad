// Every kind of destination that this build knows.
#pragma once

#include "config/section.hpp"
#include "destinations/driver.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace signalbox {

/// Makes the driver for a `[[destination]]` table from the keys that belong
/// to its kind. Mistakes are reported to the section, with their place, and
/// make the result null; no file, socket or connection is opened.
driver_ptr make_driver(std::string_view kind, config::section& options);

/// The names of all kinds, for messages and completion, sorted.
std::span<const std::string_view> destination_kinds() noexcept;

} // namespace signalbox
