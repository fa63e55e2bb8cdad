// User agents, which parsers hand over clean.
#include "formats/derive.hpp"
#include "formats/user_agent.hpp"
#include "tests/fuzz/require.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

// Before main: no input is to blame for the time it takes.
const auto rules = signalbox::user_agent_rules::load(std::string{UAP_CORE_DIR}
                                                     + "/regexes.yaml");

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace signalbox;
  fuzz::require(rules.has_value(), "the rules can be read");
  std::string text;
  append_clean(text, {reinterpret_cast<const char*>(data), size});
  const auto found = (*rules)->parse(text);
  for (const auto& part :
       {found.browser, found.browser_major, found.os, found.os_version}) {
    fuzz::require_clean(part);
    fuzz::require(part.size() <= 2 * user_agent_rules::longest,
                  "what is found is no longer than what was said");
  }
  const auto quoted = user_agent_in("UserAgent: '" + text + "'");
  fuzz::require(quoted.size() <= text.size() + 1, "no more than was there");
  return 0;
}
