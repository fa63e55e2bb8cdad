// Cleaning of text, in both encodings.
#include "tests/fuzz/require.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace signalbox;
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  std::string utf8;
  append_clean(utf8, input);
  std::string code_page;
  append_clean_windows_1252(code_page, input);
  for (const auto& text : {utf8, code_page}) {
    fuzz::require_clean(text);
    fuzz::require(is_utf8(text), "clean text is UTF-8");
    fuzz::require(text.size() <= 3 * size, "text grows threefold at most");
  }
  const auto prefix = clean_prefix(input);
  fuzz::require(prefix <= size && utf8.starts_with(input.substr(0, prefix)),
                "what is clean is kept");
  fuzz::require(prefix < size || utf8 == input, "clean text is not changed");
  return 0;
}
