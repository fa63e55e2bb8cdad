// Any bytes are a good configuration or a list of mistakes, never a crash.
#include "config/load.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace config = signalbox::config;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  auto document = config::document::parse(text, "fuzz.toml",
                                          [](auto) { return std::nullopt; });
  auto mistakes = document.finish();
  for (const auto& x : mistakes)
    if (to_string(x).find('\n') != std::string::npos)
      std::abort(); // a mistake is one line
  if (mistakes.empty() && document.settings().listen.empty())
    std::abort(); // there is always a listener
  return 0;
}
