#include "endpoints/options.hpp"

#include <cstddef>
#include <fstream>
#include <utility>

namespace signalbox {

std::chrono::milliseconds read_timeout(config::section& options,
                                       std::chrono::milliseconds fallback) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
    options.time("timeout", fallback));
}

void renewable_secret::renew() {
  if (value_.file().empty())
    return;
  std::ifstream in{value_.file(), std::ios::binary};
  constexpr std::size_t limit = 65'536;
  std::string text(limit, '\0');
  in.read(text.data(), static_cast<std::streamsize>(limit));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.ends_with('\n'))
    text.pop_back();
  if (text.ends_with('\r'))
    text.pop_back();
  if (!text.empty())
    value_ = config::secret{std::move(text), value_.file()};
}

} // namespace signalbox
