#include "messages/dead_letter.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace signalbox {

namespace {

constexpr std::array names{
  std::string_view{"refused"},
  std::string_view{"exhausted"},
  std::string_view{"unavailable"},
};

static_assert(names.size() == static_cast<std::size_t>(dead_reason::count),
              "each reason has a name");

} // namespace

std::string_view to_string(dead_reason x) noexcept {
  return names[static_cast<std::size_t>(x)];
}

std::optional<dead_reason>
dead_reason_from_name(std::string_view name) noexcept {
  const auto i = std::ranges::find(names, name);
  if (i == names.end())
    return std::nullopt;
  return static_cast<dead_reason>(i - names.begin());
}

} // namespace signalbox
