// "Did you mean …?"
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace signalbox::config {

/// The known name that `wrong` is most likely a slip of, without regard to
/// case; empty if none is close.
std::string_view closest(std::string_view wrong,
                         std::span<const std::string_view> known);

/// ", did you mean 'slack'?", or "" if nothing is close: to end a message.
std::string did_you_mean(std::string_view wrong,
                         std::span<const std::string_view> known);

} // namespace signalbox::config
