#include "storage/memory/memory_store.hpp"
#include "tests/storage/support.hpp"

#include <boost/test/unit_test.hpp>

using namespace signalbox;
using namespace signalbox::storage;
using namespace signalbox::test;

namespace {

commit burial(std::vector<dead_letter> letters) {
  auto x = commit_of(1, 1);
  x.buried = std::move(letters);
  return x;
}

} // namespace

BOOST_AUTO_TEST_CASE(forgets_events_and_positions) {
  memory_store log;
  BOOST_TEST(!log.is_durable());
  auto x = commit_of(1, 11);
  x.readers.emplace_back("slack", position{{5, {}}, {}});
  const auto done = log.write(x).value();
  BOOST_TEST(done.log.next == 11);
  BOOST_TEST(done.log.oldest == 11);
  BOOST_TEST(done.log.bytes == 0);
  const auto got = log.read(3, 11, 100).value();
  BOOST_TEST(got.piece.from == 3);
  BOOST_TEST(got.piece.end == 11);
  BOOST_TEST(got.piece.batches.empty());
  const auto left = log.recover().value();
  BOOST_TEST(left.log.next == 1);
  BOOST_TEST(left.readers.empty());
}

BOOST_AUTO_TEST_CASE(keeps_dead_letters_until_they_are_delivered) {
  memory_store log;
  log.write(burial({letter_of("slack", 7), letter_of("teams", 8)})).value();
  auto page = log.letters({}).value();
  BOOST_TEST(page.total == 2);
  BOOST_REQUIRE(page.letters.size() == 2);
  BOOST_TEST(page.letters[0].id == 1);
  BOOST_TEST(page.letters[0].what->user_id == user_of(7));
  auto x = commit_of(1, 1);
  x.absolved = {1};
  log.write(x).value();
  page = log.letters({}).value();
  BOOST_REQUIRE(page.letters.size() == 1);
  BOOST_TEST(page.letters[0].id == 2);
}

BOOST_AUTO_TEST_CASE(a_letter_that_fails_again_keeps_its_id) {
  memory_store log;
  log.write(burial({letter_of("slack"), letter_of("slack")})).value();
  BOOST_TEST(log.mark({}).value() == 2);
  auto again = log.letters({}).value().letters[0];
  BOOST_TEST(again.requested);
  again.attempts = 2;
  log.write(burial({again})).value();
  const auto page = log.letters({}).value();
  BOOST_REQUIRE(page.letters.size() == 2);
  BOOST_TEST(page.letters[0].id == 1);
  BOOST_TEST(page.letters[0].attempts == 2);
  BOOST_TEST(!page.letters[0].requested);
}

BOOST_AUTO_TEST_CASE(finds_letters_by_each_condition) {
  memory_store log;
  auto old = letter_of("slack");
  old.buried = noon - std::chrono::hours(1);
  auto exhausted = letter_of("slack");
  exhausted.reason = dead_reason::exhausted;
  log.write(burial({old, exhausted, letter_of("teams")})).value();
  const auto total = [&](auto f) {
    return log.letters(letters_with(f)).value().total;
  };
  BOOST_TEST(total([](auto& x) { x.id = 2; }) == 1);
  BOOST_TEST(total([](auto& x) { x.destination = "slack"; }) == 2);
  BOOST_TEST(total([](auto& x) { x.reason = dead_reason::exhausted; }) == 1);
  BOOST_TEST(total([](auto& x) { x.buried_before = noon; }) == 1);
  BOOST_TEST(total([](auto& x) { x.requested_only = true; }) == 0);
  const auto page = log
                      .letters(letters_with([](auto& x) {
                        x.after = 1;
                        x.limit = 1;
                      }))
                      .value();
  BOOST_TEST(page.total == 3);
  BOOST_REQUIRE(page.letters.size() == 1);
  BOOST_TEST(page.letters[0].id == 2);
  const auto slack = letters_with([](auto& x) { x.destination = "slack"; });
  BOOST_TEST(log.purge(slack).value() == 2);
  BOOST_TEST(log.letters({}).value().total == 1);
}

BOOST_AUTO_TEST_CASE(the_oldest_letters_leave_and_that_is_said_once) {
  memory_store log;
  auto x = commit_of(1, 1);
  x.buried.assign(memory_store::most_letters, letter_of("slack"));
  BOOST_TEST(log.write(x).value().findings.empty());
  BOOST_TEST(log.write(burial({letter_of("slack")})).value().findings.size()
             == 1);
  BOOST_TEST(log.write(burial({letter_of("slack")})).value().findings.empty());
  const auto page = log.letters({}).value();
  BOOST_TEST(page.total == memory_store::most_letters);
  BOOST_TEST(page.letters[0].id == 3);
}
