#include "cli/footprint.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

using namespace signalbox;

namespace {

/// A line of /proc/self/status, in bytes.
std::size_t held(const std::string& name) {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name + ":")) {
      std::size_t kib = 0;
      std::istringstream{line.substr(name.size() + 1)} >> kib;
      return kib * 1024;
    }
  return 0;
}

constexpr std::size_t mib = 1 << 20;

} // namespace

// AddressSanitizer has a heap of its own, which keeps what is freed.
#ifndef __SANITIZE_ADDRESS__
BOOST_AUTO_TEST_CASE(heap_that_is_free_goes_back_to_the_system) {
  // Small pieces, so that they come from the heap; the last one keeps its end.
  std::vector<std::unique_ptr<char[]>> pieces(32 * 1024);
  for (auto& x : pieces)
    x = std::make_unique<char[]>(1024);
  const auto full = held("RssAnon");
  for (std::size_t i = 0; i + 1 < pieces.size(); ++i)
    pieces[i].reset();
  BOOST_TEST(held("RssAnon") > full - 8 * mib);
  cli::release_heap();
  BOOST_TEST(held("RssAnon") < full - 24 * mib);
}
#endif

BOOST_AUTO_TEST_CASE(code_that_was_used_once_is_no_longer_held) {
  const auto before = held("RssFile");
  cli::release_code();
  BOOST_TEST(held("RssFile") < before);
}
