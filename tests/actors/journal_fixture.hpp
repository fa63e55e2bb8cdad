// A journal above a store, on a clock that the test moves.
#pragma once

#include "actors/journal.hpp"
#include "actors/store.hpp"
#include "storage/memory/memory_store.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/events.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace signalbox::test {

/// One life of the engine's middle. What outlives it is in the store.
struct journal_fixture : actor_fixture {
  std::shared_ptr<books> ledger = std::make_shared<books>();
  store_actor writer;
  store_actor reader;
  journal_actor log;

  explicit journal_fixture(std::shared_ptr<storage::store> disk,
                           storage::log_options options = {}) {
    auto former = disk->recover();
    BOOST_REQUIRE_MESSAGE(former.has_value(), former.error().what);
    writer = spawn(store, disk);
    reader = spawn(store, disk);
    begin(disk->is_durable(), std::move(*former), options);
  }

  explicit journal_fixture(storage::log_options options = {})
    : journal_fixture(std::make_shared<storage::memory_store>(), options) {
    // nop
  }

  /// With store actors of the test's own.
  journal_fixture(storage::recovered former, storage::log_options options,
                  const std::function<store_actor(journal_fixture&)>& make) {
    writer = make(*this);
    reader = make(*this);
    begin(true, std::move(former), options);
  }

  /// Puts events straight into the journal, as the limiter would.
  void journal_events(event_batch_builder batch) {
    ledger->parsed({.events = batch->events.size()});
    send(log, std::move(batch));
  }

  position attach(const std::string& name, bool from_oldest = false) {
    return ask<position>(log, atoms::attach::value, name, from_oldest);
  }

  void move(const std::string& name, progress x) {
    send(log, atoms::advance::value, name,
         std::make_shared<progress>(std::move(x)));
  }

  /// A reader passes everything before `next` at once.
  void deliver_before(const std::string& name, sequence next) {
    progress x;
    x.at.where.next = next;
    x.at.terms.delivered = next - 1;
    move(name, std::move(x));
  }

  storage::log_tail& tail() {
    return *state_of<journal_state>(log).log;
  }

  /// The books balance; what they say of a destination.
  destination_terms terms(const std::string& name) {
    const auto x = ledger->picture();
    BOOST_TEST(x.imbalance() == 0U);
    BOOST_REQUIRE(x.destinations.contains(name));
    return x.destinations.at(name);
  }

private:
  void begin(bool durable, storage::recovered former,
             storage::log_options options) {
    auto plan = std::make_shared<journal_plan>();
    plan->options = options;
    plan->durable = durable;
    plan->former = std::move(former);
    plan->writer = writer;
    plan->reader = reader;
    log = spawn(journal, plan, ledger);
  }
};

} // namespace signalbox::test
