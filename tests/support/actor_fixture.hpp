// Deterministic actor tests: no threads, no wall clock. The test decides which
// message is next and what time it is.
#pragma once

#include "messages/actors.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <utility>
#include <vector>

namespace signalbox::test {

struct deterministic_config : caf::actor_system_config {
  deterministic_config() {
    set("scheduler.policy", caf::atom("testing"));
  }
};

/// Kills every actor spawned through it: one that sets its timer again would
/// keep the actor system from ending.
struct actor_fixture {
  deterministic_config cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& scheduler =
    dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  caf::scoped_actor self{sys, true};
  std::vector<caf::actor_addr> spawned;

  actor_fixture() {
    scheduler.clock().current_time += std::chrono::hours(1);
  }

  actor_fixture(const actor_fixture&) = delete;
  actor_fixture& operator=(const actor_fixture&) = delete;

  ~actor_fixture() {
    for (auto& address : spawned)
      if (auto x = caf::actor_cast<caf::actor>(address))
        caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
    run();
  }

  /// Spawns on the test's scheduler, whatever thread it has in real life.
  template <class F, class... Ts>
  auto spawn(F f, Ts&&... xs) {
    auto x = sys.spawn(std::move(f), std::forward<Ts>(xs)...);
    spawned.push_back(x.address());
    run();
    return x;
  }

  /// Delivers all messages that wait; fires no timer.
  void run() {
    scheduler.run();
  }

  /// Moves the clock step by step, so that timers that set themselves again
  /// fire as often as they would. Answers how many have fired.
  std::size_t advance(caf::timespan dt,
                      caf::timespan step = std::chrono::milliseconds(100)) {
    std::size_t timers = 0;
    for (; dt.count() > 0; dt -= step) {
      timers += scheduler.advance_time(std::min(dt, step));
      run();
    }
    return timers;
  }

  template <class Handle, class... Ts>
  void send(const Handle& to, Ts&&... xs) {
    caf::anon_send(to, std::forward<Ts>(xs)...);
    run();
  }

  /// Asks and returns the answer.
  template <class T, class Handle, class... Ts>
  T ask(const Handle& to, Ts&&... xs) {
    auto pending = self->request(to, caf::infinite, std::forward<Ts>(xs)...);
    run();
    T answer{};
    pending.receive([&](T& x) { answer = std::move(x); },
                    [&](const caf::error& e) {
                      BOOST_FAIL("no answer: " << caf::to_string(e));
                    });
    return answer;
  }

  /// The state of an actor under test.
  template <class State, class Handle>
  static State& state_of(const Handle& x) {
    using pointer = typename Handle::template stateful_pointer<State>;
    return static_cast<pointer>(caf::actor_cast<caf::abstract_actor*>(x))
      ->state;
  }
};

} // namespace signalbox::test
