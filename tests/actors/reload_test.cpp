// The supervisor takes on another configuration. It hires threads, so this runs
// on the real scheduler; whatever is waited for is an answer or a condition.
#include "actors/failure_error.hpp"
#include "actors/supervisor.hpp"
#include "destinations/session_publisher.hpp"
#include "storage/memory/memory_store.hpp"
#include "tests/support/events.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <semaphore>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using namespace signalbox;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 20s;

class silent_driver : public driver {
public:
  [[nodiscard]] destination_traits traits() const override {
    return {};
  }

  transport_choice open_transport() override {
    return use_http{};
  }

  result<delivery_request> shape(std::span<const event* const>,
                                 std::string_view) override {
    return http_request{};
  }

  std::optional<delivery_request> probe() override {
    return std::nullopt;
  }

  verdict judge(const delivery_answer&, wall_time) override {
    return {};
  }
};

struct silent_writer final : byte_writer {
  write_answer write(const write_request&) override {
    return {};
  }
};

/// Shows who is active to nobody; breaks when it is used for the first time.
struct fragile_publisher final : session_publisher {
  explicit fragile_publisher(std::atomic<int>& x) : uses(&x) {
    // nop
  }

  transport_choice open_transport() override {
    return std::make_unique<silent_writer>();
  }

  std::optional<delivery_request> shape(const session_picture&) override {
    if (++*uses == 1)
      throw std::runtime_error{"bug"};
    return std::nullopt;
  }

  delivery_request probe() override {
    return write_request{};
  }

  std::string judge(const delivery_answer&) override {
    return {};
  }

  std::atomic<int>* uses;
};

struct showing_driver final : silent_driver {
  explicit showing_driver(std::atomic<int>& x) : uses(&x) {
    // nop
  }

  [[nodiscard]] std::unique_ptr<session_publisher> sessions() const override {
    return std::make_unique<fragile_publisher>(*uses);
  }

  std::atomic<int>* uses;
};

engine_plan plan_with(const std::vector<std::string>& destinations,
                      const std::string& fingerprint = "1") {
  engine_plan x;
  x.rules = std::make_unique<admission>(admission::make({}).value());
  for (const auto& name : destinations) {
    auto& one = x.destinations.emplace_back();
    one.name = name;
    one.kind = "silent";
    one.shaper = std::make_shared<silent_driver>();
    one.fingerprint = fingerprint;
  }
  return x;
}

struct fixture {
  caf::actor_system_config cfg;
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  std::shared_ptr<books> ledger = std::make_shared<books>();
  std::shared_ptr<readiness> state = std::make_shared<readiness>();
  /// What the configuration says when it is read again.
  std::mutex guard;
  std::function<planned()> next = [] {
    return planned{plan_with({}), {}};
  };
  std::atomic<int> readings = 0;
  supervisor_actor chief;

  explicit fixture(engine_plan engine = plan_with({})) {
    auto plan = std::make_shared<supervisor_plan>();
    plan->engine = std::move(engine);
    plan->store = std::make_shared<storage::memory_store>();
    plan->ledger = ledger;
    plan->state = state;
    plan->read_again = [this] {
      ++readings;
      std::function<planned()> read;
      {
        const std::scoped_lock lock{guard};
        read = next;
      }
      return read();
    };
    chief = sys.spawn(supervisor, plan);
    eventually([this] { return state->ready.load(); });
  }

  fixture(const fixture&) = delete;
  fixture& operator=(const fixture&) = delete;

  ~fixture() {
    self->monitor(chief);
    caf::anon_send(chief, atoms::stop::value, caf::timespan{patience});
    self->receive([](const caf::down_msg&) {},
                  caf::after(patience) >>
                    [] { BOOST_ERROR("the engine does not end"); });
  }

  /// The next reading gives this.
  void reads(std::function<planned()> x) {
    const std::scoped_lock lock{guard};
    next = std::move(x);
  }

  auto ask() {
    return self->request(chief, patience, atoms::reload::value);
  }

  template <class Handle>
  std::string answer_of(Handle pending) {
    std::string out;
    pending.receive([&](const std::string& x) { out = x; },
                    [&](const caf::error& e) { out = "no: " + words_of(e); });
    return out;
  }

  std::string reload(std::function<planned()> x) {
    reads(std::move(x));
    return answer_of(ask());
  }

  /// Answered when the supervisor has seen all that was sent before.
  void wait_for_the_supervisor() {
    self->request(chief, patience, atoms::retry::value, letter_query{})
      .receive([](std::uint64_t) {},
               [](const caf::error& e) { BOOST_FAIL(caf::to_string(e)); });
  }

  /// For handles that the supervisor does not write: it is at rest.
  const supervisor_state& at_rest() {
    return static_cast<supervisor_ptr>(
             caf::actor_cast<caf::abstract_actor*>(chief))
      ->state;
  }

  /// Who is active, as telemetry has it; null: not known yet.
  session_picture_ptr sessions() {
    session_picture_ptr out;
    self->request(at_rest().telemetry, patience, atoms::status::value)
      .receive([&](const engine_picture_ptr& x) { out = x->sessions; },
               [](const caf::error& e) { BOOST_FAIL(caf::to_string(e)); });
    return out;
  }

  template <class F>
  void eventually(F holds) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
      BOOST_REQUIRE((std::chrono::steady_clock::now() < end));
      std::this_thread::yield();
    }
  }

  bool has_account(const std::string& name) {
    return ledger->picture().destinations.contains(name);
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(several_requests_while_one_is_under_way_become_one_more) {
  fixture f;
  std::counting_semaphore<> gate{0};
  f.reads([&] {
    gate.acquire();
    return planned{plan_with({}), {}};
  });
  auto first = f.ask();
  f.eventually([&] { return f.readings == 1; });
  auto second = f.ask();
  auto third = f.ask();
  auto fourth = f.ask();
  f.wait_for_the_supervisor();
  BOOST_TEST(f.readings == 1);
  gate.release();
  BOOST_TEST(f.answer_of(std::move(first)) == "nothing has changed");
  // Its answer is older than what the others ask for.
  f.eventually([&] { return f.readings == 2; });
  auto fifth = f.ask();
  f.wait_for_the_supervisor();
  gate.release();
  for (auto* x : {&second, &third, &fourth})
    BOOST_TEST(f.answer_of(std::move(*x)) == "nothing has changed");
  gate.release();
  BOOST_TEST(f.answer_of(std::move(fifth)) == "nothing has changed");
  BOOST_TEST(f.readings == 3);
}

BOOST_AUTO_TEST_CASE(a_bad_configuration_changes_nothing_and_says_why) {
  fixture f{plan_with({"a"})};
  const auto says = f.reload([] {
    planned x{plan_with({"b"}), {}};
    x.mistakes.push_back({"s.toml", 3, 1, "unknown key"});
    x.mistakes.push_back({"s.toml", 7, 1, "required, but missing"});
    return x;
  });
  BOOST_TEST(says.find("s.toml:3:1: unknown key") != std::string::npos, says);
  BOOST_TEST(says.find("s.toml:7:1") != std::string::npos, says);
  BOOST_TEST(f.has_account("a"));
  BOOST_TEST(!f.has_account("b"));
  // A reader that throws is no better, and no worse.
  const auto bug =
    f.reload([]() -> planned { throw std::runtime_error{"bug"}; });
  BOOST_TEST(bug.starts_with("no: "), bug);
  BOOST_TEST(f.reload([] {
    return planned{plan_with({"a"}), {}};
  }) == "nothing has changed");
}

BOOST_AUTO_TEST_CASE(destinations_come_change_and_go) {
  fixture f{plan_with({"a", "b"})};
  BOOST_TEST(f.reload([] {
    return planned{plan_with({"b", "c"}), {}};
  }) == "destinations: added 'c'; removed 'a'");
  f.eventually([&] { return f.has_account("c") && !f.has_account("a"); });
  BOOST_TEST(f.has_account("b"));
  BOOST_TEST(f.reload([] {
    return planned{plan_with({"b", "c"}, "2"), {}};
  }) == "destinations: changed 'b', 'c'");
  BOOST_TEST(f.reload([] {
    return planned{plan_with({"b", "c"}, "2"), {}};
  }) == "nothing has changed");
  BOOST_TEST(f.has_account("b"));
  // Gone and back again, faster than it can end.
  BOOST_TEST(f.reload([] {
    return planned{plan_with({"b"}, "2"), {}};
  }) == "destinations: removed 'c'");
  BOOST_TEST(f.reload([] {
    return planned{plan_with({"b", "c"}, "3"), {}};
  }) == "destinations: added 'c'; changed 'b'");
  f.wait_for_the_supervisor();
  f.eventually([&] { return f.has_account("c") && f.has_account("b"); });
  BOOST_TEST(f.ledger->picture().imbalance() == 0U);
}

BOOST_AUTO_TEST_CASE(what_needs_a_restart_is_told_each_time) {
  fixture f;
  const auto other = [] {
    planned x{plan_with({}), {}};
    x.plan.node = "other";
    return x;
  };
  BOOST_TEST(f.reload(other) == "node.name (after a restart)");
  BOOST_TEST(f.reload(other) == "node.name (after a restart)");
  BOOST_TEST(f.reload([] {
    planned x{plan_with({}), {}};
    x.plan.journal.linger = 0s;
    return x;
  }) == "journal");
}

BOOST_AUTO_TEST_CASE(another_expiry_of_sessions_is_taken_on) {
  fixture f;
  // Two hours of silence are not too long yet.
  f.ledger->parsed({.events = 1});
  caf::anon_send(f.at_rest().journal,
                 test::batch_of({"joe"}, event_kind::session_start,
                                std::chrono::system_clock::now() - 2h));
  f.eventually([&] {
    const auto x = f.sessions();
    return x && x->users.size() == 1;
  });
  const auto other = [] {
    planned x{plan_with({}), {}};
    x.plan.session_expire = 1h;
    return x;
  };
  BOOST_TEST(f.reload(other) == "sessions");
  f.eventually([&] { return f.sessions()->users.empty(); });
  BOOST_TEST(f.sessions()->expired == 1U);
  BOOST_TEST(f.reload(other) == "nothing has changed");
}

BOOST_AUTO_TEST_CASE(sessions_that_fail_are_counted_again) {
  fixture f;
  f.eventually([&] { return f.sessions() != nullptr; });
  const auto before = f.sessions();
  caf::anon_send_exit(f.at_rest().sessions, caf::exit_reason::kill);
  f.eventually([&] { return f.sessions() != before; });
  BOOST_TEST(f.state->ready.load());
}

BOOST_AUTO_TEST_CASE(who_shows_active_users_starts_again_after_a_failure) {
  std::atomic<int> uses = 0;
  const auto plan = [&] {
    auto x = plan_with({"a"});
    x.destinations[0].shaper = std::make_shared<showing_driver>(uses);
    return x;
  };
  fixture f{plan()};
  f.eventually([&] { return uses >= 2; });
  BOOST_TEST(f.has_account("a"));
  // It goes with its destination.
  BOOST_TEST(f.reload([] {
    return planned{plan_with({}), {}};
  }) == "destinations: removed 'a'");
  f.eventually([&] { return !f.has_account("a"); });
  BOOST_TEST(f.state->ready.load());
}
