// The journal with its stores: one that does as the test says, and SQLite.
#include "storage/sqlite/sqlite_store.hpp"
#include "tests/actors/destination_fixture.hpp"
#include "tests/storage/support.hpp"
#include "tests/support/fake_store.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace {

const auto broken = failure{errc::file, "the disk is gone"};

/// A store that writes one commit at each tick.
using slow_store_actor = store_actor::extend<caf::reacts_to<atoms::tick>>;

struct slow_store_state {
  static inline constexpr const char* name = "slow_store";

  std::shared_ptr<fake_store> disk;
  std::deque<std::pair<commit_ptr, caf::typed_response_promise<written_ptr>>>
    commits;

  void write_one() {
    auto [x, promise] = std::move(commits.front());
    commits.pop_front();
    auto done = disk->write(*x);
    BOOST_REQUIRE(done.has_value());
    promise.deliver(
      written_ptr{std::make_shared<storage::written>(std::move(*done))});
  }
};

slow_store_actor::behavior_type
slow_store(slow_store_actor::stateful_pointer<slow_store_state> self,
           std::shared_ptr<fake_store> disk) {
  self->state.disk = std::move(disk);
  return {
    [self](atoms::letters, const letter_query& which) {
      return letter_page_ptr{std::make_shared<letter_page>(
        self->state.disk->letters(which).value())};
    },
    [self](atoms::retry, const letter_query& which) {
      return self->state.disk->mark(which).value();
    },
    [self](atoms::purge, const letter_query& which) {
      return self->state.disk->purge(which).value();
    },
    [self](const commit_ptr& x) -> caf::result<written_ptr> {
      auto promise = self->make_response_promise<written_ptr>();
      self->state.commits.emplace_back(x, promise);
      return promise;
    },
    [self](atoms::pull, sequence from, sequence until, std::uint32_t most) {
      return reading_ptr{std::make_shared<storage::reading>(
        self->state.disk->read(from, until, most).value())};
    },
    [self](atoms::tick) { self->state.write_one(); },
  };
}

struct slow_fixture : journal_fixture {
  explicit slow_fixture(const std::shared_ptr<fake_store>& disk,
                        storage::log_options options = {})
    : journal_fixture(
      disk->recover().value(), options,
      [disk](journal_fixture& f) { return f.spawn(slow_store, disk); }) {
    // nop
  }

  /// Commits that wait to be written.
  const auto& commits() {
    return state_of<slow_store_state>(slow_writer()).commits;
  }

  void write_one() {
    send(slow_writer(), atoms::tick::value);
  }

private:
  slow_store_actor slow_writer() {
    return caf::actor_cast<slow_store_actor>(writer);
  }
};

/// Pulls, and keeps the answers.
using puller_actor =
  caf::typed_actor<caf::reacts_to<sequence, std::uint32_t, interest_ptr>>;

struct puller_state {
  static inline constexpr const char* name = "puller";

  std::deque<slice_ptr> answers;
};

puller_actor::behavior_type
puller(puller_actor::stateful_pointer<puller_state> self, journal_actor log) {
  return {
    [self, log](sequence from, std::uint32_t most, const interest_ptr& wants) {
      const auto keep = [self](const slice_ptr& x) {
        self->state.answers.push_back(x);
      };
      constexpr auto pull = atoms::pull::value;
      if (wants)
        self->request(log, caf::infinite, pull, from, most, wants).then(keep);
      else
        self->request(log, caf::infinite, pull, from, most).then(keep);
    },
  };
}

/// A reader in a test's hand.
class hand {
public:
  explicit hand(journal_fixture& f) : f_(f), actor_(f.spawn(puller, f.log)) {
    // nop
  }

  /// @param user Of whose events it has a use for; empty: for all.
  void ask(sequence from, std::uint32_t most = 1000,
           const std::string& user = {}) {
    interest_ptr wants;
    if (!user.empty()) {
      match_spec spec;
      spec.user = {user};
      wants = std::make_shared<interest>(interest{*matcher::compile(spec), {}});
    }
    f_.send(actor_, from, most, std::move(wants));
  }

  void ask_for(const std::string& user, sequence from) {
    ask(from, 1000, user);
  }

  /// Null as long as there is no answer.
  slice_ptr answer() {
    auto& xs = f_.state_of<puller_state>(actor_).answers;
    if (xs.empty())
      return nullptr;
    auto x = xs.front();
    xs.pop_front();
    return x;
  }

  slice_ptr pull(sequence from, std::uint32_t most = 1000) {
    ask(from, most);
    auto x = answer();
    BOOST_REQUIRE(x != nullptr);
    BOOST_TEST(x->from == from);
    return x;
  }

private:
  journal_fixture& f_;
  puller_actor actor_;
};

/// Users of the events in a slice.
std::string users_in(const slice& x) {
  std::string out;
  for (const auto& [first, batch] : x.batches)
    for (std::size_t i = 0; i < batch->events.size(); ++i)
      if (first + i >= x.from && first + i < x.end)
        (out += batch->events[i].user_id) += ' ';
  return out;
}

storage::log_options with_linger(duration x) {
  storage::log_options out;
  out.linger = x;
  return out;
}

std::size_t size_of(std::size_t events) {
  return batch_of(events)->bytes();
}

} // namespace

// -- pulling ------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(answers_a_pull_as_soon_as_there_are_events,
                        journal_fixture) {
  attach("a");
  hand a{*this};
  a.ask(1);
  BOOST_TEST(a.answer() == nullptr);
  journal_events(batch_of({"ann", "bob"}));
  const auto x = a.answer();
  BOOST_REQUIRE(x);
  BOOST_TEST(users_in(*x) == "ann bob ");
  BOOST_TEST(users_in(*a.pull(2)) == "bob ");
  BOOST_TEST(terms("a").waiting == 2U);
}

BOOST_FIXTURE_TEST_CASE(wakes_a_reader_only_for_what_it_has_a_use_for,
                        journal_fixture) {
  attach("a");
  hand a{*this};
  a.ask_for("LAB/ann", 1);
  journal_events(batch_of({"bob", "eve"}));
  journal_events(batch_of({"bob"}));
  BOOST_TEST(a.answer() == nullptr);
  journal_events(batch_of({"eve", "ann"}));
  const auto x = a.answer();
  BOOST_REQUIRE(x);
  BOOST_TEST(x->from == 1U);
  BOOST_TEST(x->wanted_from == 4U);
  BOOST_TEST(x->end == 6U);
  BOOST_REQUIRE(x->batches.size() == 1U);
  BOOST_TEST(x->batches.front().first == 4U);
}

BOOST_FIXTURE_TEST_CASE(tells_soon_that_events_are_of_no_use_to_a_reader,
                        journal_fixture) {
  attach("a");
  hand a{*this};
  a.ask_for("LAB/ann", 1);
  journal_events(batch_of({"bob", "eve"}));
  advance(19ms);
  BOOST_TEST(a.answer() == nullptr);
  journal_events(batch_of({"bob"}));
  advance(1ms);
  const auto x = a.answer();
  BOOST_REQUIRE(x);
  BOOST_TEST(x->from == 1U);
  BOOST_TEST(x->wanted_from == 4U);
  BOOST_TEST(x->end == 4U);
  BOOST_TEST(x->batches.empty());
  // And once more.
  a.ask_for("LAB/ann", 4);
  journal_events(batch_of({"bob"}));
  advance(20ms);
  BOOST_REQUIRE(a.answer());
}

BOOST_AUTO_TEST_CASE(what_a_reader_has_no_use_for_is_never_written) {
  const auto disk = std::make_shared<fake_store>();
  destination_fixture f{disk, with_linger(50ms)};
  delivery::options pace;
  match_spec spec;
  spec.user = {"LAB/ann"};
  pace.wants.match = matcher::compile(spec).value();
  f.add("hook", pace);
  for (int i = 0; i < 20; ++i) {
    f.journal_events(batch_of({"bob"}));
    f.advance(5ms);
  }
  f.advance(1s);
  f.advance(1s); // The cursor.
  BOOST_TEST(f.terms("hook").not_matched == 20U);
  BOOST_TEST(disk->written_to == 1U);
  BOOST_TEST(disk->readers.at("hook").where.next == 21U);
}

BOOST_AUTO_TEST_CASE(with_no_linger_nobody_is_told_before_the_disk_has_it) {
  const auto disk = std::make_shared<fake_store>();
  slow_fixture f{disk, with_linger(0s)};
  f.attach("a");
  hand reader{f};
  reader.ask(1);
  f.advance(50ms); // The new destination.
  BOOST_REQUIRE(f.commits().size() == 1U);
  f.write_one();
  f.journal_events(batch_of({"ann"}));
  BOOST_REQUIRE(f.commits().size() == 1U);
  f.journal_events(batch_of({"bob"}));
  f.advance(10s);
  BOOST_TEST(reader.answer() == nullptr);
  auto x = f.ledger->picture();
  BOOST_TEST(x.imbalance() == 0U);
  BOOST_TEST(x.events.journaled == 0U);
  BOOST_TEST(x.events.in_flight == 2U);
  BOOST_TEST(f.terms("a").waiting == 0U);
  // What is written with the events counts them as journaled.
  BOOST_TEST(f.commits()[0].first->counters.events.journaled == 1U);
  BOOST_TEST(f.commits()[0].first->counters.imbalance() == 0U);
  f.write_one();
  BOOST_TEST(users_in(*reader.answer()) == "ann ");
  reader.ask(2);
  BOOST_TEST(reader.answer() == nullptr);
  BOOST_TEST(f.terms("a").waiting == 1U);
  BOOST_REQUIRE(f.commits().size() == 1U);
  f.write_one();
  BOOST_TEST(users_in(*reader.answer()) == "bob ");
  x = f.ledger->picture();
  BOOST_TEST(x.events.journaled == 2U);
  BOOST_TEST(x.events.in_flight == 0U);
}

BOOST_AUTO_TEST_CASE(one_commit_holds_all_that_came_while_the_last_was_out) {
  const auto disk = std::make_shared<fake_store>();
  slow_fixture f{disk};
  f.attach("a");
  f.advance(1s);
  f.write_one();
  for (int i = 0; i < 20; ++i) {
    f.journal_events(batch_of(10));
    f.advance(50ms, 10ms);
    BOOST_TEST(f.commits().size() == 1U);
  }
  f.write_one();
  f.advance(50ms, 10ms);
  BOOST_REQUIRE(f.commits().size() == 1U);
  BOOST_TEST(f.commits()[0].first->batches.size() == 19U);
}

BOOST_AUTO_TEST_CASE(keeps_credit_while_memory_is_short_and_the_disk_is_slow) {
  const auto disk = std::make_shared<fake_store>();
  auto options = with_linger(50ms);
  options.max_memory = 4 * size_of(10);
  slow_fixture f{disk, options};
  f.attach("a");
  f.advance(1s);
  f.write_one();
  f.advance(100ms);
  const auto line = std::make_shared<credit_line>(100);
  int given = 0;
  const auto has_credit = [&] {
    int n = 0;
    std::vector<credit_token> all;
    while (auto x = line->take(0ms)) {
      all.push_back(std::move(x));
      ++n;
    }
    return n == 100 - given;
  };
  for (int i = 0; i < 10; ++i) {
    auto x = batch_of(10);
    x->credit = line->take(0ms);
    f.journal_events(std::move(x));
    // The third does not fit into half of the memory: it is written at once.
    BOOST_TEST(f.commits().size() == (i < 2 ? 0U : 1U));
    given = i <= 2 ? 0 : i - 2;
    BOOST_TEST(has_credit());
  }
  BOOST_TEST(f.ledger->picture().events.shed == 0U);
  f.write_one();
  given = 0;
  BOOST_TEST(has_credit());
  f.run();
  f.write_one();
  BOOST_TEST(disk->written_to == 101U);
}

BOOST_AUTO_TEST_CASE(sets_one_timer_at_a_time) {
  journal_fixture f{std::make_shared<fake_store>()};
  f.attach("a");
  for (int i = 0; i < 200; ++i) {
    f.journal_events(batch_of(1));
    f.deliver_before("a", f.tail().next());
    f.advance(100ms, 10ms);
  }
  f.advance(10s, 10ms);
  // One a second, to look whether anything is due.
  BOOST_TEST(f.advance(10s, 10ms) <= 11U);
}

// -- restarts -----------------------------------------------------------------

namespace {

/// A store that a test opens again and again.
using reopen = std::function<std::shared_ptr<storage::store>()>;

struct stores {
  std::shared_ptr<fake_store> fake = std::make_shared<fake_store>();
  temporary_directory folder;

  [[nodiscard]] std::vector<std::pair<std::string, reopen>> all() const {
    return {
      {"fake",
       [this] {
         return fake;
       }},
      {"sqlite",
       [this]() -> std::shared_ptr<storage::store> {
         auto x = storage::sqlite_store::open({.directory = folder.path()});
         BOOST_REQUIRE_MESSAGE(x.has_value(), x.error().what);
         return std::move(*x);
       }},
    };
  }
};

void close(journal_fixture& f) {
  f.ask<caf::ok_atom>(f.log, atoms::close::value);
}

} // namespace

BOOST_AUTO_TEST_CASE(a_reader_goes_on_where_it_was_when_the_process_died) {
  const stores s;
  for (const auto& [name, open] : s.all()) {
    BOOST_TEST_CONTEXT(name) {
      {
        journal_fixture f{open()};
        BOOST_TEST((f.attach("a") == position{}));
        f.attach("b");
        f.journal_events(batch_of({"ann", "bob", "eve"}));
        f.deliver_before("b", 4);
        f.move("a",
               {{{2, {{3, 4}}}, {.not_matched = 1, .delivered = 1}}, {}, {}});
        f.advance(1s, 10ms);
        // Nobody hears of this: it lingers when the process dies.
        f.journal_events(batch_of({"joe"}));
        BOOST_TEST(f.tail().destinations().at("a") == 2U);
      }
      journal_fixture f{open()};
      const auto at = f.attach("a");
      BOOST_TEST(
        (at == position{{2, {{3, 4}}}, {.not_matched = 1, .delivered = 1}}));
      const auto terms = f.terms("a");
      BOOST_TEST(terms.not_matched == 1U);
      BOOST_TEST(terms.delivered == 1U);
      BOOST_TEST(terms.waiting == 1U);
      BOOST_TEST(terms.journaled == 3U);
      BOOST_TEST(f.attach("b").where.next == 4U);
      BOOST_TEST(f.terms("b").waiting == 0U);
      BOOST_TEST(f.ledger->picture().events.parsed == 3U);
      BOOST_TEST(f.ledger->picture().events.journaled == 3U);
      hand reader{f};
      BOOST_TEST(users_in(*reader.pull(2)) == "bob eve ");
      f.journal_events(batch_of({"max"}));
      BOOST_TEST(users_in(*reader.pull(4)) == "max ");
      BOOST_TEST(f.terms("a").waiting == 2U);
      BOOST_TEST(f.terms("b").waiting == 1U);
    }
  }
}

BOOST_AUTO_TEST_CASE(closing_keeps_all_that_is_still_wanted) {
  const stores s;
  for (const auto& [name, open] : s.all()) {
    BOOST_TEST_CONTEXT(name) {
      {
        journal_fixture f{open(), with_linger(10s)};
        f.attach("a");
        for (int i = 0; i < 100; ++i)
          f.journal_events(batch_of({"ann"}));
        f.deliver_before("a", 41);
        close(f);
        BOOST_TEST(!f.tail().next_commit(f.scheduler.clock().now(), true));
      }
      journal_fixture f{open()};
      BOOST_TEST(f.attach("a").where.next == 41U);
      BOOST_TEST(f.terms("a").waiting == 60U);
      BOOST_TEST(f.terms("a").journaled == 100U);
      hand reader{f};
      BOOST_TEST(users_in(*reader.pull(41)).size() == 60U * 4);
    }
  }
}

BOOST_AUTO_TEST_CASE(closing_ends_when_the_store_fails) {
  const auto disk = std::make_shared<fake_store>();
  journal_fixture f{disk};
  f.attach("a");
  f.journal_events(batch_of(1));
  disk->write_failure = broken;
  close(f);
  BOOST_TEST(disk->writes > 0U);
}

BOOST_AUTO_TEST_CASE(closing_waits_for_the_commit_that_is_out) {
  const auto disk = std::make_shared<fake_store>();
  slow_fixture f{disk};
  f.attach("a");
  f.journal_events(batch_of({"ann"}));
  f.advance(50ms);
  BOOST_REQUIRE(f.commits().size() == 1U);
  f.journal_events(batch_of({"bob"}));
  auto pending = f.self->request(f.log, caf::infinite, atoms::close::value);
  f.run();
  f.write_one();
  BOOST_TEST(!f.self->has_next_message());
  BOOST_REQUIRE(f.commits().size() == 1U);
  f.write_one();
  pending.receive([](caf::ok_atom) {},
                  [](const caf::error&) { BOOST_FAIL("not closed"); });
  BOOST_TEST(disk->written_to == 3U);
}

BOOST_AUTO_TEST_CASE(destinations_that_are_no_more_are_released) {
  const stores s;
  for (const auto& [name, open] : s.all()) {
    BOOST_TEST_CONTEXT(name) {
      {
        journal_fixture f{open()};
        f.attach("stays");
        f.attach("goes");
        f.journal_events(batch_of(10));
        f.deliver_before("stays", 11);
        f.advance(1s, 10ms);
      }
      {
        journal_fixture f{open()};
        f.attach("stays");
        f.journal_events(batch_of(10));
        f.deliver_before("stays", 21);
        f.advance(1s, 10ms);
        // As long as nobody says so, it may come.
        hand reader{f};
        BOOST_TEST(reader.pull(1)->batches.size() > 0U);
        f.send(f.log, atoms::keep::value, std::vector<std::string>{"stays"});
        f.advance(1s, 10ms);
        BOOST_TEST(!f.ledger->picture().destinations.contains("goes"));
        BOOST_TEST(reader.pull(1)->batches.empty());
      }
      journal_fixture f{open()};
      BOOST_TEST(f.attach("stays").where.next == 21U);
      BOOST_TEST(f.attach("goes").where.next == 21U); // It is a new one.
    }
  }
}

BOOST_FIXTURE_TEST_CASE(a_destination_that_leaves_closes_its_account,
                        journal_fixture) {
  attach("a");
  journal_events(batch_of(10));
  send(log, atoms::detach::value, std::string{"a"});
  BOOST_TEST(!ledger->picture().destinations.contains("a"));
  journal_events(batch_of(10));
  BOOST_TEST(ledger->picture().at_rest());
  // Another one of that name begins anew.
  BOOST_TEST(attach("a").where.next == 21U);
  BOOST_TEST(terms("a").journaled == 0U);
}

// -- destinations -------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_new_life_delivers_what_the_old_one_did_not) {
  const stores s;
  for (const auto& [name, open] : s.all()) {
    BOOST_TEST_CONTEXT(name) {
      {
        destination_fixture f{open()};
        const auto bad = f.add("bad");
        const auto good = f.add("good");
        f.other_side(bad).silent = true;
        for (int i = 0; i < 5; ++i)
          f.journal_events(batch_of({"ann", "bob"}));
        f.advance(2s, 10ms);
        BOOST_TEST(f.terms("good").delivered == 10U);
        BOOST_TEST(f.terms("bad").in_flight == 1U);
      }
      destination_fixture f{open()};
      const auto bad = f.add("bad");
      const auto good = f.add("good");
      f.advance(1s, 10ms);
      BOOST_TEST(f.requests(good).empty());
      BOOST_REQUIRE(f.requests(bad).size() == 10U);
      for (std::size_t i = 0; i < 10; ++i)
        BOOST_TEST(f.requests(bad)[i].body == (i % 2 == 0 ? "ann\n" : "bob\n"));
      BOOST_TEST(f.terms("bad").delivered == 10U);
      BOOST_TEST(f.terms("good").delivered == 10U);
      BOOST_TEST(f.ledger->picture().at_rest());
    }
  }
}

BOOST_AUTO_TEST_CASE(the_books_survive_a_destination_that_fails) {
  delivery::options pace;
  pace.concurrency = 3;
  pace.attempts = 0;
  match_spec ann;
  ann.user = {"LAB/ann"};
  pace.wants.match = matcher::compile(ann).value();
  destination_fixture f;
  const auto first = f.add("hook", pace);
  f.other_side(first).silent = true;
  f.journal_events(batch_of({"ann", "bob", "ann", "ann", "bob", "ann"}));
  BOOST_TEST(f.terms("hook").in_flight == 3U);
  f.answer(first, 1); // Done beyond the cursor.
  BOOST_TEST(f.terms("hook").delivered == 1U);
  caf::anon_send_exit(first.actor, caf::exit_reason::kill);
  f.run();
  f.journal_events(batch_of({"ann"}));
  const auto second = f.add("hook", pace);
  BOOST_TEST(f.requests(second).size() == 4U);
  BOOST_TEST(f.terms("hook").delivered == 5U);
  BOOST_TEST(f.terms("hook").not_matched == 2U);
  BOOST_TEST(f.terms("hook").in_flight == 0U);
  BOOST_TEST(f.terms("hook").waiting == 0U);
  BOOST_TEST(f.ledger->picture().at_rest());
}

BOOST_AUTO_TEST_CASE(the_books_survive_a_digest_that_was_on_its_way) {
  delivery::options pace;
  pace.excess = excess_policy::digest;
  match_spec ann;
  ann.user = {"LAB/ann"};
  pace.wants.match = matcher::compile(ann).value();
  destination_fixture f;
  pace.limit = std::make_shared<struct pace>(1, 1);
  const auto first = f.add("hook", pace);
  for (int i = 0; i < 50; ++i)
    f.journal_events(batch_of({"ann", "bob", "ann", "eve"}));
  BOOST_TEST(f.terms("hook").not_matched == 100U);
  f.send(first.actor, atoms::stop::value);
  pace.excess = excess_policy::wait;
  pace.limit = nullptr;
  const auto second = f.add("hook", pace);
  f.advance(1s);
  BOOST_TEST(f.terms("hook").not_matched == 100U);
  BOOST_TEST(f.terms("hook").delivered == 100U);
  BOOST_TEST(f.requests(first).size() + f.requests(second).size() == 100U);
  BOOST_TEST(f.ledger->picture().at_rest());
}

BOOST_AUTO_TEST_CASE(a_destination_sets_one_timer_at_a_time) {
  destination_fixture f;
  delivery::options pace;
  pace.attempts = 0;
  pace.concurrency = 4;
  pace.retry_max = 10s;
  const auto hook =
    f.add("hook", pace, std::deque<http_answer>(10'000, {503, "", "1", ""}));
  for (int i = 0; i < 100; ++i) {
    f.journal_events(batch_of(1));
    f.advance(500ms, 10ms);
  }
  const auto requests = f.requests(hook).size();
  const auto timers = f.advance(20min, 100ms);
  const auto sent = f.requests(hook).size() - requests;
  BOOST_TEST(sent > 2U);
  // One a second of the journal and of telemetry; and of the destination one
  // for each request and report.
  BOOST_TEST(timers <= 2 * 1200 + 3 * sent + 10);
}

BOOST_AUTO_TEST_CASE(a_destination_that_gathers_lets_more_arrive) {
  destination_fixture f;
  delivery::options pace;
  pace.batch = 100;
  const auto file = f.add("file", pace, {}, 5ms);
  f.journal_events(batch_of({"ann"}));
  BOOST_REQUIRE(f.requests(file).size() == 1U); // After silence, at once.
  f.advance(1ms);
  f.journal_events(batch_of({"bob"}));
  f.advance(1ms);
  f.journal_events(batch_of({"eve", "joe"}));
  BOOST_TEST(f.requests(file).size() == 1U);
  f.advance(3ms);
  BOOST_REQUIRE(f.requests(file).size() == 2U);
  BOOST_TEST(f.requests(file)[1].body == "bob\neve\njoe\n");
  BOOST_TEST(f.ledger->picture().at_rest());
}

BOOST_AUTO_TEST_CASE(a_destination_does_not_gather_what_it_has_no_use_for) {
  destination_fixture f;
  delivery::options pace;
  pace.batch = 100;
  match_spec ann;
  ann.user = {"LAB/ann"};
  pace.wants.match = matcher::compile(ann).value();
  const auto file = f.add("file", pace, {}, 5ms);
  f.journal_events(batch_of({"bob"}));
  f.advance(20ms); // It has heard of him.
  BOOST_TEST(f.terms("file").not_matched == 1U);
  f.journal_events(batch_of({"ann"}));
  BOOST_TEST(f.requests(file).size() == 1U);
}

// -- dead letters -------------------------------------------------------------

BOOST_AUTO_TEST_CASE(letters_go_to_the_store_and_are_sent_again) {
  const stores s;
  for (const auto& [name, open] : s.all()) {
    BOOST_TEST_CONTEXT(name) {
      {
        destination_fixture f{open()};
        const auto hook = f.add("hook", {}, {{400, "no", "", ""}});
        f.journal_events(batch_of({"ann", "bob"}));
        f.advance(1s, 10ms);
        BOOST_TEST(f.terms("hook").dead_lettered == 1U);
        BOOST_TEST(f.terms("hook").delivered == 1U);
      }
      {
        destination_fixture f{open()};
        const auto hook = f.add("hook");
        f.advance(1s, 10ms);
        BOOST_TEST(f.requests(hook).empty());
        BOOST_TEST(f.terms("hook").dead_lettered == 1U);
        letter_query which;
        which.destination = "hook";
        auto page = f.ask<letter_page_ptr>(f.log, atoms::letters::value, which);
        BOOST_REQUIRE(page->letters.size() == 1U);
        BOOST_TEST(page->letters[0].what->user_id == "ann");
        BOOST_TEST((page->letters[0].reason == dead_reason::refused));
        BOOST_TEST(page->letters[0].attempts == 1U);
        // It is asked for, and the process dies before it is sent.
        f.other_side(hook).silent = true;
        BOOST_TEST(f.ask<std::uint64_t>(f.log, atoms::retry::value, which)
                   == 1U);
        f.send(hook.actor, atoms::retry::value);
        BOOST_REQUIRE(f.requests(hook).size() == 1U);
        BOOST_TEST(f.terms("hook").dead_lettered == 0U);
        BOOST_TEST(f.terms("hook").in_flight == 1U);
        f.advance(2s, 10ms);
      }
      destination_fixture f{open()};
      const auto hook = f.add("hook");
      f.advance(1s, 10ms);
      BOOST_REQUIRE(f.requests(hook).size() == 1U);
      BOOST_TEST(f.requests(hook)[0].body == "ann\n");
      BOOST_TEST(f.terms("hook").dead_lettered == 0U);
      BOOST_TEST(f.terms("hook").delivered == 2U);
      BOOST_TEST(f.terms("hook").journaled == 2U);
      const auto page =
        f.ask<letter_page_ptr>(f.log, atoms::letters::value, letter_query{});
      BOOST_TEST(page->total == 0U);
    }
  }
}

BOOST_AUTO_TEST_CASE(letters_of_a_fault_are_sent_again_when_it_has_healed) {
  destination_fixture f{std::make_shared<fake_store>()};
  delivery::options pace;
  pace.expire = 1ms; // In wall-clock time, which goes on by itself.
  const auto hook =
    f.add("hook", pace, std::deque<http_answer>(3, {401, "", "", ""}));
  auto batch = batch_of({"ann", "bob"}, event_kind::connection_open,
                        std::chrono::system_clock::now() + 10s);
  f.journal_events(batch);
  BOOST_TEST(f.requests(hook).size() == 1U);
  batch->events[0].received = noon - 24h * 365;
  batch->events[1].received = noon - 24h * 365;
  f.advance(10s, 10ms);
  BOOST_TEST(f.terms("hook").dead_lettered == 2U);
  BOOST_TEST(f.terms("hook").expired == 0U);
  // Something new comes, and finds the destination well.
  f.other_side(hook).answers.clear();
  f.journal_events(batch_of({"eve"}, event_kind::connection_open,
                            std::chrono::system_clock::now() + 10min));
  f.advance(5min);
  BOOST_TEST(f.terms("hook").delivered == 3U);
  BOOST_TEST(f.terms("hook").dead_lettered == 0U);
}

BOOST_AUTO_TEST_CASE(a_page_of_letters_follows_the_other) {
  const auto disk = std::make_shared<fake_store>();
  destination_fixture f{disk};
  const auto hook =
    f.add("hook", {}, std::deque<http_answer>(300, {400, "", "", ""}));
  f.journal_events(batch_of(300));
  f.advance(1s, 10ms);
  BOOST_REQUIRE(disk->dead_letters.size() == 300U);
  f.ask<std::uint64_t>(f.log, atoms::retry::value, letter_query{});
  f.send(hook.actor, atoms::retry::value);
  f.advance(1s, 10ms);
  BOOST_TEST(f.requests(hook).size() == 600U);
  BOOST_TEST(f.terms("hook").delivered == 300U);
  BOOST_TEST(disk->dead_letters.empty());
  BOOST_TEST(f.ask<std::uint64_t>(f.log, atoms::purge::value, letter_query{})
             == 0U);
}

// -- a store that fails -------------------------------------------------------

BOOST_AUTO_TEST_CASE(drops_the_oldest_while_the_store_fails_and_recovers) {
  const auto disk = std::make_shared<fake_store>();
  auto options = with_linger(50ms);
  options.max_memory = 4 * size_of(100);
  destination_fixture f{disk, options};
  const auto hook = f.add("hook");
  const auto other = f.add("other");
  f.other_side(hook).silent = true;
  f.advance(1s);
  disk->write_failure = broken;
  for (int i = 0; i < 20; ++i) {
    f.journal_events(batch_of(100));
    f.advance(1s);
  }
  // Nobody else notices.
  BOOST_TEST(f.terms("other").delivered == 2000U);
  BOOST_TEST(f.tail().bytes() <= options.max_memory);
  BOOST_TEST(f.ledger->picture().events.shed == 0U);
  BOOST_TEST(disk->batches.empty());
  disk->write_failure.reset();
  f.advance(2s);
  BOOST_TEST(!disk->batches.empty());
  f.other_side(hook).silent = false;
  f.answer(hook, 0);
  f.advance(5s);
  const auto terms = f.terms("hook");
  BOOST_TEST(terms.delivered + terms.dropped == 2000U);
  BOOST_TEST(terms.delivered >= 400U);
  BOOST_TEST(f.ledger->picture().at_rest());
}

BOOST_AUTO_TEST_CASE(sheds_the_newest_while_the_store_fails_and_recovers) {
  const auto disk = std::make_shared<fake_store>();
  auto options = with_linger(50ms);
  options.max_memory = 4 * size_of(100);
  options.full = storage::when_full::drop_newest;
  destination_fixture f{disk, options};
  const auto hook = f.add("hook");
  f.other_side(hook).silent = true;
  f.advance(1s);
  disk->write_failure = broken;
  for (int i = 0; i < 20; ++i) {
    f.journal_events(batch_of(100));
    f.advance(1s);
  }
  auto x = f.ledger->picture();
  BOOST_TEST(x.imbalance() == 0U);
  BOOST_TEST(x.events.journaled == 400U);
  BOOST_TEST(x.events.shed == 1600U);
  disk->write_failure.reset();
  f.advance(2s);
  f.journal_events(batch_of(100));
  f.other_side(hook).silent = false;
  f.answer(hook, 0);
  f.advance(5s);
  BOOST_TEST(f.terms("hook").delivered == 500U);
  BOOST_TEST(f.terms("hook").dropped == 0U);
  BOOST_TEST(f.ledger->picture().at_rest());
}

BOOST_AUTO_TEST_CASE(is_shedding_until_a_second_without_it) {
  const auto disk = std::make_shared<fake_store>();
  auto options = with_linger(50ms);
  options.max_memory = 4 * size_of(100) + size_of(20);
  options.full = storage::when_full::drop_newest;
  destination_fixture f{disk, options};
  const auto hook = f.add("hook");
  f.other_side(hook).silent = true;
  f.advance(1s);
  disk->write_failure = broken;
  const auto sheds = [&] {
    return f.ask<journal_status>(f.log, atoms::status::value).state
           == "shedding";
  };
  for (int i = 0; i < 5; ++i)
    f.journal_events(batch_of(100));
  BOOST_TEST(sheds());
  // One that is small enough finds room, and says nothing of the next one.
  f.journal_events(batch_of(1));
  BOOST_TEST(f.ledger->picture().events.journaled == 401U);
  BOOST_TEST(sheds());
  f.advance(2s);
  BOOST_TEST(sheds()); // Nothing has been tried.
  disk->write_failure.reset();
  f.advance(2s);
  f.journal_events(batch_of(100));
  f.advance(1s);
  BOOST_TEST(!sheds());
}

BOOST_AUTO_TEST_CASE(a_pull_waits_for_a_store_that_cannot_be_read) {
  const auto disk = std::make_shared<fake_store>();
  {
    journal_fixture f{disk};
    f.attach("a");
    f.journal_events(batch_of({"ann"}));
    f.advance(1s);
  }
  journal_fixture f{disk};
  f.attach("a");
  disk->read_failure = broken;
  hand reader{f};
  reader.ask(1);
  BOOST_TEST(reader.answer() == nullptr);
  f.advance(10s);
  BOOST_TEST(reader.answer() == nullptr);
  BOOST_TEST(disk->reads >= 10U);
  BOOST_TEST(disk->reads <= 12U);
  // Events that arrive are no reason to ask more often.
  for (int i = 0; i < 100; ++i)
    f.journal_events(batch_of(1));
  BOOST_TEST(disk->reads <= 12U);
  disk->read_failure.reset();
  f.advance(1s);
  const auto x = reader.answer();
  BOOST_REQUIRE(x);
  BOOST_TEST(users_in(*x) == "ann ");
}

BOOST_AUTO_TEST_CASE(a_damaged_batch_is_missed_and_set_aside) {
  const auto disk = std::make_shared<fake_store>();
  {
    journal_fixture f{disk};
    f.attach("hook");
    for (int i = 0; i < 3; ++i)
      f.journal_events(batch_of(10));
    f.advance(1s);
  }
  BOOST_REQUIRE(disk->batches.size() == 3U);
  disk->flipped = {11};
  destination_fixture f{disk};
  const auto hook = f.add("hook");
  f.advance(1s);
  BOOST_TEST(f.terms("hook").delivered == 20U);
  BOOST_TEST(f.terms("hook").dropped == 10U);
  BOOST_TEST(f.terms("hook").waiting == 0U);
  BOOST_TEST(f.requests(hook).size() == 20U);
  BOOST_TEST(disk->batches.empty());
}

// -- an outage ----------------------------------------------------------------

namespace {

/// A batch of a thousand events whose users tell the second that they are of.
event_batch_builder a_second(int n) {
  auto x = std::make_shared<event_batch>();
  const auto user = x->keep(std::to_string(n));
  x->events.reserve(1000);
  for (int i = 0; i < 1000; ++i) {
    auto& e = x->events.emplace_back();
    e.kind = event_kind::connection_open;
    e.command = command_of(e.kind);
    e.user_id = user;
    e.received = noon;
  }
  return x;
}

struct outage {
  int seconds = 0;
  storage::log_options options;
  std::size_t most_bytes = 0; ///< Of memory, at any time.
};

/// One destination is down, the other one is not.
void run_some(outage& x, journal_fixture& f, int until) {
  hand good{f};
  auto next = f.attach("good").where.next;
  f.attach("bad");
  for (; x.seconds < until; ++x.seconds) {
    f.journal_events(a_second(x.seconds));
    const auto got = good.pull(next, 1000);
    BOOST_REQUIRE(got->batches.size() == 1U);
    BOOST_REQUIRE(got->end == next + 1000);
    next = got->end;
    f.deliver_before("good", next);
    f.advance(1s, 500ms);
    x.most_bytes = std::max(x.most_bytes, f.tail().bytes());
  }
}

/// The one that was down takes everything, in order.
void catch_up(outage& x, journal_fixture& f, sequence until) {
  hand bad{f};
  auto next = f.attach("bad").where.next;
  while (next < until) {
    const auto got = bad.pull(next, 16'384);
    auto expected = next;
    for (const auto& [first, batch] : got->batches) {
      BOOST_REQUIRE(first <= expected);
      const auto end = std::min(got->end, first + batch->events.size());
      for (; expected < end; ++expected)
        if (batch->events[expected - first].user_id
            != std::to_string((expected - 1) / 1000))
          BOOST_FAIL("event " << expected << " is another one");
    }
    BOOST_REQUIRE(expected == got->end);
    next = got->end;
    f.deliver_before("bad", next);
    f.advance(50ms, 50ms);
    x.most_bytes = std::max(x.most_bytes, f.tail().bytes());
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(an_hour_of_an_outage_takes_disk_but_no_memory) {
  const temporary_directory folder;
  const auto open = [&]() -> std::shared_ptr<storage::store> {
    return storage::sqlite_store::open({.directory = folder.path()}).value();
  };
  outage x;
  x.options.max_memory = std::size_t{8} << 20;
#ifdef __SANITIZE_ADDRESS__
  constexpr int hour = 360; // It takes ten times as long, too.
#else
  constexpr int hour = 3600;
#endif
  {
    journal_fixture f{open(), x.options};
    run_some(x, f, hour / 2);
  }
  {
    journal_fixture f{open(), x.options};
    BOOST_TEST(f.tail().next() == hour / 2 * 1000 + 1U);
    run_some(x, f, hour);
    catch_up(x, f, hour / 4 * 1000 + 1);
    close(f);
  }
  journal_fixture f{open(), x.options};
  BOOST_TEST(f.attach("bad").where.next >= hour / 4 * 1000 + 1U);
  f.attach("good");
  catch_up(x, f, hour * 1000 + 1);
  f.advance(2s);
  BOOST_TEST(x.most_bytes <= x.options.max_memory);
  const auto books = f.ledger->picture();
  BOOST_TEST(books.imbalance() == 0U);
  BOOST_TEST(books.events.journaled == hour * 1000U);
  BOOST_TEST(books.destinations.at("good").journaled == hour * 1000U);
}
