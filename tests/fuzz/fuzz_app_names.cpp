// CSV tables of app names.
#include "formats/app_names.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace signalbox;
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  app_names names;
  const auto done = names.add_csv(input);
  const auto lines = std::ranges::count(input, '\n') + 1;
  fuzz::require(names.size() <= static_cast<std::size_t>(lines),
                "a line holds one name at most");
  fuzz::require(done || done.error().what.starts_with("line "),
                "an error names its line");
  return 0;
}
