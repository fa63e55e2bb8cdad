#include "tests/storage/sqlite_support.hpp"

#include <boost/test/unit_test.hpp>

using namespace signalbox;
using namespace signalbox::storage;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace {

commit burial(std::vector<dead_letter> letters) {
  auto x = commit_of(1, 1);
  x.buried = std::move(letters);
  return x;
}

/// A store with letters 1 to 4 that differ.
struct fixture {
  temporary_directory tmp{memory_or_disk()};
  std::unique_ptr<sqlite_store> log = ready_in(tmp);

  fixture() {
    auto old = letter_of("slack", 11);
    old.buried = noon - 1h;
    auto exhausted = letter_of("slack", 12);
    exhausted.reason = dead_reason::exhausted;
    auto unavailable = letter_of("teams", 13);
    unavailable.reason = dead_reason::unavailable;
    BOOST_REQUIRE(log->write(
      burial({old, exhausted, unavailable, letter_of("teams", 14)})));
  }

  [[nodiscard]] std::string database() const {
    return tmp / "data/journal.db";
  }

  template <class F>
  std::vector<std::uint64_t> ids(F f) const {
    const auto page = log->letters(letters_with(f)).value();
    std::vector<std::uint64_t> xs;
    for (const auto& x : page.letters)
      xs.push_back(x.id);
    return xs;
  }

  [[nodiscard]] std::vector<std::uint64_t> all() const {
    return ids([](auto&) {});
  }
};

using id_list = std::vector<std::uint64_t>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_store_with_letters, fixture)

BOOST_AUTO_TEST_CASE(keeps_everything_about_a_letter) {
  auto x = letter_of("mqtt", 99);
  x.reason = dead_reason::exhausted;
  x.answer = "no \"such\" \\ topic €";
  x.buried = noon + 5ms;
  x.attempts = 17;
  x.history = {{noon - 3s, "first"}, {noon, "no \"such\" \\ topic €"}};
  BOOST_REQUIRE(log->write(burial({x})));
  log.reset();
  log = ready_in(tmp);
  const auto page = log->letters(letters_with([](auto& q) { q.id = 5; }));
  BOOST_REQUIRE(page.value().letters.size() == 1);
  const auto& y = page->letters[0];
  BOOST_TEST(y.destination == "mqtt");
  BOOST_TEST((y.reason == dead_reason::exhausted));
  BOOST_TEST(y.answer == x.answer);
  BOOST_TEST((y.buried == x.buried));
  BOOST_TEST(y.attempts == 17);
  BOOST_TEST((y.history == x.history));
  BOOST_TEST(!y.requested);
  BOOST_TEST(y.events == 1);
  BOOST_REQUIRE(y.what != nullptr);
  BOOST_TEST((y.what->id == id_of(99)));
  BOOST_TEST(y.what->user_id == user_of(99));
  BOOST_TEST(y.what->host == x.what->host);
}

BOOST_AUTO_TEST_CASE(shows_the_event_to_people) {
  BOOST_TEST(ask_sql(database(), "SELECT json_extract(event, '$.user.id') "
                                 "FROM dead_letters WHERE id = 2")
             == "user-12");
  BOOST_TEST(ask_sql(database(), "SELECT datetime(buried / 1000, 'unixepoch') "
                                 "FROM dead_letters WHERE id = 2")
             == "2026-11-22 09:15:02");
}

BOOST_AUTO_TEST_CASE(keeps_a_digest_without_its_events) {
  auto x = letter_of("slack");
  x.batch = nullptr;
  x.what = nullptr;
  x.events = 250;
  BOOST_REQUIRE(log->write(burial({x})));
  const auto page = log->letters(letters_with([](auto& q) { q.id = 5; }));
  BOOST_REQUIRE(page.value().letters.size() == 1);
  BOOST_TEST(page->letters[0].what == nullptr);
  BOOST_TEST(page->letters[0].events == 250);
}

BOOST_AUTO_TEST_CASE(finds_letters_by_each_condition) {
  BOOST_TEST(all() == (id_list{1, 2, 3, 4}));
  BOOST_TEST(ids([](auto& x) { x.id = 3; }) == id_list{3});
  BOOST_TEST(ids([](auto& x) { x.destination = "teams"; }) == (id_list{3, 4}));
  BOOST_TEST(ids([](auto& x) { x.reason = dead_reason::exhausted; })
             == id_list{2});
  BOOST_TEST(ids([](auto& x) { x.buried_before = noon; }) == id_list{1});
  BOOST_TEST(ids([](auto& x) { x.requested_only = true; }) == id_list{});
  BOOST_TEST(ids([](auto& x) {
               x.destination = "slack";
               x.reason = dead_reason::refused;
             })
             == id_list{1});
  BOOST_TEST(ids([](auto& x) { x.destination = "' OR 1 = 1 --"; })
             == id_list{});
}

BOOST_AUTO_TEST_CASE(lists_page_by_page) {
  const auto page = log
                      ->letters(letters_with([](auto& x) {
                        x.after = 1;
                        x.limit = 2;
                      }))
                      .value();
  BOOST_TEST(page.total == 4);
  BOOST_REQUIRE(page.letters.size() == 2);
  BOOST_TEST(page.letters[0].id == 2);
  BOOST_TEST(ids([](auto& x) { x.after = 3; }) == id_list{4});
}

BOOST_AUTO_TEST_CASE(marks_letters_once) {
  const auto slack = letters_with([](auto& x) { x.destination = "slack"; });
  BOOST_TEST(log->mark(slack).value() == 2);
  BOOST_TEST(log->mark(slack).value() == 2);
  BOOST_TEST(log->mark(letters_with([](auto& x) { x.id = 77; })).value() == 0);
  const auto requested = [](auto& x) {
    x.requested_only = true;
  };
  BOOST_TEST(ids(requested) == (id_list{1, 2}));
  log.reset();
  log = ready_in(tmp);
  BOOST_TEST(ids(requested) == (id_list{1, 2}));
  BOOST_TEST(log->letters({}).value().letters[0].requested);
}

BOOST_AUTO_TEST_CASE(purges_by_each_condition) {
  BOOST_TEST(
    log->purge(letters_with([](auto& x) { x.buried_before = noon; })).value()
    == 1);
  BOOST_TEST(all() == (id_list{2, 3, 4}));
  BOOST_TEST(log->purge(letters_with([](auto& x) { x.id = 3; })).value() == 1);
  BOOST_TEST(log
               ->purge(letters_with([](auto& x) {
                 x.destination = "teams";
                 x.reason = dead_reason::exhausted;
               }))
               .value()
             == 0);
  BOOST_TEST(log->purge({}).value() == 2);
  BOOST_TEST(log->letters({}).value().total == 0);
}

BOOST_AUTO_TEST_CASE(absolves_what_was_delivered) {
  auto x = commit_of(1, 1);
  x.absolved = {2, 4, 77};
  BOOST_REQUIRE(log->write(x));
  BOOST_TEST(all() == (id_list{1, 3}));
}

BOOST_AUTO_TEST_CASE(a_letter_that_fails_again_stays_one) {
  BOOST_TEST(log->mark({}).value() == 4);
  auto again = log->letters({}).value().letters[1];
  again.attempts = 2;
  again.answer = "410 Gone";
  // Deleted while it was on its way: it comes back.
  auto purged = log->letters({}).value().letters[2];
  BOOST_TEST(log->purge(letters_with([](auto& x) { x.id = 3; })).value() == 1);
  BOOST_REQUIRE(log->write(burial({again, purged})));
  BOOST_TEST(all() == (id_list{1, 2, 3, 4}));
  BOOST_TEST(ids([](auto& x) { x.requested_only = true; }) == (id_list{1, 4}));
  const auto x = log->letters({}).value().letters[1];
  BOOST_TEST(x.attempts == 2);
  BOOST_TEST(x.answer == "410 Gone");
}

BOOST_AUTO_TEST_CASE(ids_are_not_given_again) {
  BOOST_TEST(log->purge({}).value() == 4);
  log.reset();
  log = ready_in(tmp);
  BOOST_REQUIRE(log->write(burial({letter_of("slack")})));
  BOOST_TEST(all() == id_list{5});
}

BOOST_AUTO_TEST_CASE(the_oldest_leave_beyond_the_bound) {
  log.reset();
  log = open_store({.directory = tmp / "data", .max_letters = 5});
  BOOST_REQUIRE(log->recover());
  BOOST_TEST(log->write(burial({letter_of("x")})).value().findings.empty());
  const auto said = log->write(burial({letter_of("x"), letter_of("x")}));
  BOOST_TEST(mentions(said.value().findings, "more than 5 dead letters"));
  BOOST_TEST(all() == (id_list{3, 4, 5, 6, 7}));
  // Once is enough.
  BOOST_TEST(log->write(burial({letter_of("x")})).value().findings.empty());
  BOOST_TEST(all() == (id_list{4, 5, 6, 7, 8}));
  // Where there is room, nothing has to leave.
  BOOST_TEST(log->purge(letters_with([](auto& x) { x.id = 5; })).value() == 1);
  BOOST_REQUIRE(log->write(burial({letter_of("x")})));
  BOOST_TEST(all() == (id_list{4, 6, 7, 8, 9}));
}

BOOST_AUTO_TEST_CASE(a_damaged_letter_is_named_and_not_shown) {
  for (const auto* change :
       {"answer = 'all is well'", "requested = 1", "buried = buried + 1",
        "blob = zeroblob(length(blob))", "checksum = checksum + 1"}) {
    log.reset();
    run_sql(database(),
            fmt::format("UPDATE dead_letters SET {} WHERE id = 2", change));
    log = ready_in(tmp);
    BOOST_TEST(all() == (id_list{1, 3, 4}), change);
    const auto done = log->write(commit_of(1, 1)).value();
    BOOST_TEST(mentions(done.findings, "dead letter 2 is damaged"));
    BOOST_TEST(all() == (id_list{1, 3, 4}));
    BOOST_TEST(log->write(commit_of(1, 1)).value().findings.empty());
    // Sound again, for the next round.
    auto sound = letter_of("slack", 12);
    sound.id = 2;
    BOOST_REQUIRE(log->write(burial({sound})));
    BOOST_TEST(all() == (id_list{1, 2, 3, 4}));
  }
}

BOOST_AUTO_TEST_SUITE_END()
