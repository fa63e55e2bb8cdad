// JSON of all forms.
#include "tests/fuzz/wire.hpp"

#include <cstddef>
#include <cstdint>

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace signalbox;
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  fuzz::check_datagram(input, wire_format::json, wire_encoding::utf8);
  return 0;
}
