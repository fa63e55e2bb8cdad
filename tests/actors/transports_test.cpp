#include "actors/transports.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

using namespace signalbox;
using namespace std::chrono_literals;

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

/// Writes when it is told to.
struct slow_lines final : byte_writer {
  explicit slow_lines(std::shared_future<void> x, std::atomic<bool>& y)
    : go(std::move(x)), gone(&y) {
    // nop
  }

  ~slow_lines() override {
    *gone = true;
  }

  write_answer write(const write_request& x) override {
    go.wait();
    return {x.bytes};
  }

  std::shared_future<void> go;
  std::atomic<bool>* gone;
};

transport_ptr open(std::unique_ptr<byte_writer> lines) {
  return open_transport(std::move(lines), nullptr).value();
}

std::future<std::string> write(transport& to, const std::string& text) {
  auto promise = std::make_shared<std::promise<std::string>>();
  to.carry_out(write_request{text}, [promise](const delivery_answer& x) {
    promise->set_value(std::get<write_answer>(x).error);
  });
  return promise->get_future();
}

} // namespace

BOOST_AUTO_TEST_CASE(a_writer_that_throws_says_so_and_goes_on) {
  const auto it = open(std::make_unique<fragile_lines>());
  BOOST_TEST(write(*it, "x").get() == "cannot be written: bug");
  BOOST_TEST(write(*it, "x").get() == "");
}

BOOST_AUTO_TEST_CASE(a_writer_writes_in_order_and_keeps_nobody_waiting) {
  std::promise<void> go;
  std::atomic<bool> gone = false;
  const auto it = open(std::make_unique<slow_lines>(go.get_future(), gone));
  auto first = write(*it, "1");
  auto second = write(*it, "2");
  BOOST_TEST((first.wait_for(0s) == std::future_status::timeout));
  go.set_value();
  BOOST_TEST(first.get() == "1");
  BOOST_TEST(second.get() == "2");
}

BOOST_AUTO_TEST_CASE(a_writer_ends_with_its_last_request) {
  std::promise<void> go;
  std::atomic<bool> gone = false;
  auto it = open(std::make_unique<slow_lines>(go.get_future(), gone));
  go.set_value();
  auto answer = write(*it, "1");
  answer.wait();
  it.reset();
  BOOST_TEST(gone);
}

BOOST_AUTO_TEST_CASE(a_broker_that_can_never_be_is_refused) {
  net::mqtt_options options;
  options.host = "localhost";
  options.username = "\xE9"; // Not UTF-8.
  BOOST_TEST(open_transport(options, nullptr).error().what
             == "the MQTT user name is not valid UTF-8");
}
