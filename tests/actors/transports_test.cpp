#include "actors/transports.hpp"
#include "tests/support/actor_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <variant>

using namespace signalbox;

namespace {

/// Fails as badly as a writer can with its first request.
struct fragile_lines final : byte_writer {
  write_answer write(const write_request&) override {
    if (++uses == 1)
      throw std::runtime_error{"bug"};
    return {};
  }

  int uses = 0;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(transports, test::actor_fixture)

BOOST_AUTO_TEST_CASE(a_writer_that_throws_says_so_and_goes_on) {
  const auto it = spawn(writer, std::make_shared<fragile_lines>());
  const auto told = [&] {
    std::string error = "no answer";
    const auto request = std::make_shared<delivery_request>(write_request{"x"});
    auto handle = self->request(it, caf::infinite, request);
    run();
    handle.receive(
      [&](const delivery_answer& x) {
        error = std::get<write_answer>(x).error;
      },
      [&](const caf::error&) { error = "the writer is dead"; });
    return error;
  };
  BOOST_TEST(told() == "cannot be written: bug");
  BOOST_TEST(told() == "");
}

BOOST_AUTO_TEST_SUITE_END()
