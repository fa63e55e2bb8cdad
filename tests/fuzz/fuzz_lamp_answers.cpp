// What anybody may answer to a search for lamps. The first byte says which
// search hears it; of DNS and LIFX answers the id is 1.
#include "lights/discovery/search.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/lights/read_fragments.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace signalbox;
using fuzz::require;

/// In one round, the first questions included.
constexpr std::size_t max_questions = 64;

void check_findings(std::vector<lights::finding> found) {
  require(found.size() <= lights::max_findings, "findings are bounded");
  if (found.empty())
    return;
  lights::settle(found);
  const auto read = test::read_fragments(found);
  require(read.mistakes.empty(), "fragments are a good configuration");
  require(read.lights.size() == found.size(), "names differ, and none is lost");
  for (const auto& x : found) {
    const auto& keys = read.lights.at(x.name);
    std::size_t told = 2;
    require(keys.at("driver") == x.driver, "a driver is read back");
    for (const auto& [key, value, open] : x.settings)
      if (!open) {
        require(keys.at(key) == value, "a value is read back");
        ++told;
      }
    require(keys.size() == told, "no key is there that was not meant");
    fuzz::require_clean(x.what);
  }
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0)
    return 0;
  const auto protocols = lights::search_protocols();
  const auto search = protocols[*data % protocols.size()].make(1);
  search->hear({}, {reinterpret_cast<const char*>(data + 1), size - 1});
  for (unsigned round = 0; round < 6; ++round)
    require(search->questions(round).size() <= max_questions,
            "questions are bounded");
  check_findings(search->found());
  return 0;
}
