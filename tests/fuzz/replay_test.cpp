// Reads the seeds of one fuzz target as an ordinary test. A broken promise
// ends the process.
#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size);

BOOST_AUTO_TEST_CASE(keeps_its_promises_for_every_seed) {
  std::size_t seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator{FUZZ_SEEDS}) {
    std::ifstream in{entry.path(), std::ios::binary};
    const std::string input{std::istreambuf_iterator<char>{in}, {}};
    BOOST_TEST_CONTEXT(entry.path().string())
    BOOST_TEST(
      LLVMFuzzerTestOneInput(
        reinterpret_cast<const std::uint8_t*>(input.data()), input.size())
      == 0);
    ++seeds;
  }
  BOOST_TEST(seeds > 5U);
}
