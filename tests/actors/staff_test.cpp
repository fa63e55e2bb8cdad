// Whom the supervisor starts again, and how often: on a clock that the test
// moves. Only the store has threads; nothing here waits for it but the end.
#include "actors/sessions.hpp"
#include "actors/supervisor.hpp"
#include "destinations/session_publisher.hpp"
#include "storage/memory/memory_store.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/events.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace {

/// How often somebody asked for a connection to a broker that cannot be.
struct attempts {
  int to_deliver = 0;
  int to_show = 0;
};

net::mqtt_options impossible_broker() {
  net::mqtt_options x;
  x.host = "localhost";
  x.username = "\xE9"; // Not UTF-8.
  return x;
}

struct hopeless_publisher final : session_publisher {
  explicit hopeless_publisher(std::shared_ptr<attempts> x)
    : counter(std::move(x)) {
    // nop
  }

  transport_choice open_transport() override {
    ++counter->to_show;
    return impossible_broker();
  }

  std::optional<delivery_request> shape(const session_picture&) override {
    return std::nullopt;
  }

  delivery_request probe() override {
    return mqtt_request{};
  }

  std::string judge(const delivery_answer&) override {
    return {};
  }

  std::shared_ptr<attempts> counter;
};

struct hopeless_driver final : driver {
  explicit hopeless_driver(std::shared_ptr<attempts> x)
    : counter(std::move(x)) {
    // nop
  }

  [[nodiscard]] destination_traits traits() const override {
    return {};
  }

  transport_choice open_transport() override {
    ++counter->to_deliver;
    return impossible_broker();
  }

  [[nodiscard]] std::unique_ptr<session_publisher> sessions() const override {
    return std::make_unique<hopeless_publisher>(counter);
  }

  result<delivery_request> shape(std::span<const event* const>,
                                 std::string_view) override {
    return mqtt_request{};
  }

  std::optional<delivery_request> probe() override {
    return std::nullopt;
  }

  verdict judge(const delivery_answer&, wall_time) override {
    return {};
  }

  std::shared_ptr<attempts> counter;
};

engine_plan empty_plan() {
  engine_plan x;
  x.rules = std::make_unique<admission>(admission::make({}).value());
  return x;
}

engine_plan plan_with_a_hopeless_broker(std::shared_ptr<attempts> counter) {
  auto x = empty_plan();
  auto& one = x.destinations.emplace_back();
  one.name = "broker";
  one.kind = "mqtt";
  one.shaper = std::make_shared<hopeless_driver>(std::move(counter));
  one.fingerprint = "1";
  return x;
}

struct staff_fixture : actor_fixture {
  std::shared_ptr<books> ledger = std::make_shared<books>();
  std::shared_ptr<readiness> state = std::make_shared<readiness>();
  supervisor_actor chief;

  explicit staff_fixture(engine_plan engine = empty_plan()) {
    auto plan = std::make_shared<supervisor_plan>();
    plan->engine = std::move(engine);
    plan->store = std::make_shared<storage::memory_store>();
    plan->ledger = ledger;
    plan->state = state;
    chief = spawn(supervisor, plan);
    BOOST_REQUIRE(state->ready);
  }

  staff_fixture(const staff_fixture&) = delete;
  staff_fixture& operator=(const staff_fixture&) = delete;

  ~staff_fixture() {
    self->monitor(chief);
    caf::anon_send(chief, atoms::stop::value, caf::timespan{1s});
    const auto patience = std::chrono::steady_clock::now() + 20s;
    for (bool ended = false; !ended;) {
      BOOST_REQUIRE((std::chrono::steady_clock::now() < patience));
      advance(20ms, 20ms);
      self->receive([&](const caf::down_msg&) { ended = true; },
                    caf::after(0s) >> [] { std::this_thread::yield(); });
    }
  }

  supervisor_state& inside() {
    return state_of<supervisor_state>(chief);
  }

  session_picture_ptr shown() {
    return ask<engine_picture_ptr>(inside().telemetry, atoms::status::value)
      ->sessions;
  }

  void comes(std::string_view user) {
    ledger->parsed({.events = 1});
    send(inside().journal, batch_of({user}, event_kind::session_start,
                                    std::chrono::system_clock::now()));
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(what_cannot_start_is_tried_once_a_second) {
  const auto counter = std::make_shared<attempts>();
  staff_fixture f{plan_with_a_hopeless_broker(counter)};
  BOOST_TEST(counter->to_deliver == 1);
  BOOST_TEST(counter->to_show == 1);
  f.advance(5s);
  BOOST_TEST(counter->to_deliver == 6);
  BOOST_TEST(counter->to_show == 6);
}

BOOST_FIXTURE_TEST_CASE(sessions_that_fail_miss_nothing_meanwhile,
                        staff_fixture) {
  comes("ann");
  advance(250ms);
  BOOST_TEST(shown()->users.size() == 1U);
  caf::anon_send_exit(inside().sessions, caf::exit_reason::kill);
  run();
  BOOST_TEST(!inside().sessions);
  comes("joe");
  advance(2s);
  // Where the journal is in memory, whoever came before is forgotten.
  BOOST_REQUIRE(shown()->users.size() == 1U);
  BOOST_TEST(shown()->users[0].id == "joe");
}
