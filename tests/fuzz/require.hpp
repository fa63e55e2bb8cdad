// What a fuzz target promises; a broken promise ends the process, as both
// libFuzzer and CTest want it.
#pragma once

#include "formats/text.hpp"

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace signalbox::fuzz {

inline void require(bool holds, const char* promise) {
  if (holds)
    return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

inline void require_clean(std::string_view text) {
  require(clean_prefix(text) == text.size(), "text is clean");
}

} // namespace signalbox::fuzz
