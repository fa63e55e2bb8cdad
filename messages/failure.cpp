#include "messages/failure.hpp"

#include <array>

namespace signalbox {

namespace {

constexpr std::array names{
  std::string_view{"bad_config"}, std::string_view{"not_available"},
  std::string_view{"file"},       std::string_view{"socket"},
  std::string_view{"network"},    std::string_view{"malformed"},
  std::string_view{"full"},       std::string_view{"usage"},
};

static_assert(names.size() == static_cast<std::size_t>(errc::count),
              "each kind of failure has a name");

} // namespace

std::string_view to_string(errc kind) noexcept {
  return names[static_cast<std::size_t>(kind)];
}

} // namespace signalbox
