#include "formats/reject.hpp"

#include <array>
#include <cstddef>

namespace signalbox {

namespace {

constexpr std::array<std::string_view, 4> reasons{"malformed", "oversized",
                                                  "source", "encoding"};

static_assert(reasons.size() == static_cast<std::size_t>(reject_reason::count),
              "each reason has a name");

} // namespace

std::string_view to_string(reject_reason x) noexcept {
  return reasons[static_cast<std::size_t>(x)];
}

} // namespace signalbox
