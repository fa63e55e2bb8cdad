#include "lights/device_access.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace signalbox::lights {

std::string why_not_open(const std::string& path) {
  const auto file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0)
    return access_trouble(path, errno);
  ::close(file);
  return fmt::format("cannot use {}", path);
}

std::string access_trouble(const std::string& path, int error) {
  switch (error) {
  case EACCES:
    return fmt::format("permission denied on {}: install "
                       "60-signalbox-lamps.rules into /etc/udev/rules.d, plug "
                       "the lamp in again, and add this user to the group "
                       "plugdev",
                       path);
  // A list of devices, a read-only /sys.
  case EPERM:
  case EROFS:
    return fmt::format("not permitted on {}: the sandbox of the service or "
                       "the container forbids it; the signalbox.service of "
                       "this version allows it",
                       path);
  default:
    return fmt::format("cannot use {}: {}", path,
                       std::generic_category().message(error));
  }
}

} // namespace signalbox::lights
