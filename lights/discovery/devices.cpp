#include "lights/discovery/devices.hpp"

#include "policy/plain_text.hpp"

#include <algorithm>
#include <system_error>
#include <unistd.h>

namespace signalbox::lights {

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  constexpr std::size_t most = 1'024;
  std::vector<std::string> out;
  std::error_code error;
  for (std::filesystem::directory_iterator i{folder, error}, end;
       !error && i != end && out.size() < most; i.increment(error)) {
    auto name = i->path().filename().string();
    if (one_line(name, name.size()) == name)
      out.push_back(std::move(name));
  }
  std::ranges::sort(out);
  return out;
}

bool is_writable(const std::filesystem::path& file) {
  return ::access(file.c_str(), W_OK) == 0;
}

} // namespace signalbox::lights
