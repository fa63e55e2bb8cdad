#include "tests/storage/sqlite_support.hpp"

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <sys/stat.h>

using namespace signalbox;
using namespace signalbox::storage;
using namespace signalbox::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(a_new_directory_holds_an_empty_log) {
  const temporary_directory tmp;
  auto log = open_in(tmp);
  BOOST_TEST(log->is_durable());
  const auto found = log->recover().value();
  BOOST_TEST(found.log.oldest == 1);
  BOOST_TEST(found.log.next == 1);
  BOOST_TEST(found.log.bytes == 0);
  BOOST_TEST(found.readers.empty());
  BOOST_TEST(found.findings.empty());
  BOOST_TEST(found.counters.imbalance() == 0);
  struct stat info {};
  BOOST_REQUIRE(::stat((tmp / "data").c_str(), &info) == 0);
  BOOST_TEST((info.st_mode & 0777) == 0700);
  for (const auto* name : {"data/journal.db", "data/journal.db-wal"}) {
    BOOST_REQUIRE(::stat((tmp / name).c_str(), &info) == 0);
    BOOST_TEST((info.st_mode & 0777) == 0600);
  }
}

BOOST_AUTO_TEST_CASE(what_was_written_is_there_after_a_restart) {
  const temporary_directory tmp;
  {
    auto log = ready_in(tmp);
    auto x = commit_of(1, 1001);
    x.readers = {{"slack", at(1)}, {"teams", at(10, {{12, 14}, {17, 18}})}};
    x.counters.ingest = {.received = 1200, .parsed = 1100, .in_flight = 100};
    x.counters.events = {.parsed = 1010, .journaled = 1000, .in_flight = 10};
    x.counters.excluded_by_rule = {{"a \"rule\"", 7}};
    const auto done = log->write(x).value();
    BOOST_TEST(done.log.oldest == 1);
    BOOST_TEST(done.log.next == 1001);
    BOOST_TEST(done.log.bytes > 1000);
    BOOST_TEST(read_all(*log, 1, 1001).events.size() == 1000);
  }
  auto log = open_in(tmp);
  const auto found = log->recover().value();
  BOOST_TEST(found.findings.empty());
  BOOST_TEST(found.log.oldest == 1);
  BOOST_TEST(found.log.next == 1001);
  BOOST_TEST(found.log.bytes > 1000);
  BOOST_REQUIRE(found.readers.size() == 2);
  BOOST_TEST((found.readers.at("slack") == at(1)));
  BOOST_TEST((found.readers.at("teams") == at(10, {{12, 14}, {17, 18}})));
  // What was in flight is gone, so that the books balance.
  BOOST_TEST(found.counters.ingest.received == 1100);
  BOOST_TEST(found.counters.ingest.in_flight == 0);
  BOOST_TEST(found.counters.events.parsed == 1000);
  BOOST_TEST(found.counters.imbalance() == 0);
  BOOST_TEST(found.counters.excluded_by_rule.at("a \"rule\"") == 7);
  BOOST_TEST(read_all(*log, 1, 1001).events.size() == 1000);
}

BOOST_AUTO_TEST_CASE(a_piece_begins_in_the_middle_and_ends_where_told) {
  const temporary_directory tmp;
  auto log = ready_in(tmp);
  BOOST_REQUIRE(log->write(commit_of(1, 601)));
  auto got = log->read(300, 310, 1000).value();
  BOOST_TEST(got.piece.from == 300);
  BOOST_TEST(got.piece.end == 310);
  BOOST_REQUIRE(got.piece.batches.size() == 1);
  BOOST_TEST(got.piece.batches[0].first == 257);
  got = log->read(1, 601, 1).value();
  BOOST_TEST(got.piece.batches.size() == 1);
  BOOST_TEST(got.piece.end == 257);
  got = log->read(601, 700, 1).value();
  BOOST_TEST(got.piece.batches.empty());
  BOOST_TEST(got.piece.end == 700);
}

BOOST_AUTO_TEST_CASE(small_batches_become_few_rows) {
  const temporary_directory tmp;
  auto log = ready_in(tmp);
  auto x = commit_of(1, 1);
  for (sequence n = 1; n <= 600; n += 3)
    x.batches.push_back(numbered_batch(n, n + 3));
  x.next = 601;
  BOOST_REQUIRE(log->write(x));
  const auto got = log->read(1, 601, 1000).value();
  BOOST_REQUIRE(got.piece.batches.size() == 3);
  BOOST_TEST(got.piece.batches[0].batch->events.size() == 256);
  BOOST_TEST(read_all(*log, 1, 601).events.size() == 600);
}

BOOST_AUTO_TEST_CASE(a_row_ends_behind_a_quarter_of_a_mebibyte) {
  const temporary_directory tmp;
  auto log = ready_in(tmp);
  BOOST_REQUIRE(log->write(commit_of(1, 101, 10'000)));
  const auto got = log->read(1, 101, 1000).value();
  BOOST_REQUIRE(got.piece.batches.size() == 4);
  BOOST_TEST(got.piece.batches[0].batch->events.size() == 26);
}

BOOST_AUTO_TEST_CASE(a_commit_that_comes_twice_changes_nothing) {
  const temporary_directory tmp;
  auto log = ready_in(tmp);
  BOOST_REQUIRE(log->write(commit_of(1, 11)));
  const auto bytes = log->write(commit_of(1, 11)).value().log.bytes;
  BOOST_TEST(log->write(commit_of(5, 11)).value().log.bytes == bytes);
  BOOST_TEST(log->write(commit_of(5, 21)).value().log.bytes > bytes);
  BOOST_TEST(read_all(*log, 1, 21).events.size() == 20);
}

BOOST_AUTO_TEST_CASE(what_everyone_is_done_with_is_freed) {
  const temporary_directory tmp;
  auto log = ready_in(tmp);
  BOOST_REQUIRE(log->write(commit_of(1, 1025)));
  auto x = commit_of(1025, 1025);
  x.done = 600;
  auto done = log->write(x).value();
  BOOST_TEST(done.log.oldest == 513);
  BOOST_TEST(*read_all(*log, 1, 1025).events.begin() == 513);
  x.done = 1025;
  done = log->write(x).value();
  BOOST_TEST(done.log.oldest == 1025);
  BOOST_TEST(done.log.bytes == 0);
  // Gaps are no reason to stop.
  BOOST_REQUIRE(log->write(commit_of(2000, 2010)));
  BOOST_TEST(read_all(*log, 1, 2010).events.size() == 10);
}

BOOST_AUTO_TEST_CASE(readers_come_and_go) {
  const temporary_directory tmp;
  {
    auto log = ready_in(tmp);
    auto x = commit_of(1, 11);
    x.readers = {{"slack", at(5)}, {"teams", at(3)}};
    BOOST_REQUIRE(log->write(x));
    x = commit_of(11, 11);
    x.readers = {{"slack", at(11)}};
    x.gone = {"teams"};
    BOOST_REQUIRE(log->write(x));
  }
  const auto found = open_in(tmp)->recover().value();
  BOOST_REQUIRE(found.readers.size() == 1);
  BOOST_TEST((found.readers.at("slack") == at(11)));
}

BOOST_AUTO_TEST_CASE(numbers_go_on_where_the_furthest_reader_is) {
  const temporary_directory tmp;
  {
    auto log = ready_in(tmp);
    auto x = commit_of(5, 5);
    x.readers = {{"slack", at(4, {{7, 9}})}};
    BOOST_REQUIRE(log->write(x));
  }
  BOOST_TEST(open_in(tmp)->recover().value().log.next == 9);
}

BOOST_AUTO_TEST_CASE(the_oldest_are_dropped_beyond_the_bound) {
  const temporary_directory tmp;
  auto log = ready_in(tmp);
  log_extent last;
  for (sequence n = 1; n < 2000; n += 100) {
    auto x = commit_of(n, n + 100, 100);
    x.max_bytes = 100'000;
    last = log->write(x).value().log;
    BOOST_TEST(last.bytes <= 100'000);
  }
  BOOST_TEST(last.oldest > 1);
  BOOST_TEST(last.bytes > 50'000);
  BOOST_TEST(*read_all(*log, 1, 2001).events.begin() == last.oldest);
}

BOOST_AUTO_TEST_CASE(nothing_is_dropped_without_a_bound) {
  const temporary_directory tmp;
  auto log = ready_in(tmp);
  const auto done = log->write(commit_of(1, 1001)).value();
  BOOST_TEST(done.log.oldest == 1);
  BOOST_TEST(done.log.bytes > 1000);
}

BOOST_AUTO_TEST_CASE(what_is_too_old_is_dropped) {
  const temporary_directory tmp;
  auto log = ready_in(tmp);
  BOOST_REQUIRE(log->write(commit_of(1, 11)));
  auto x = commit_of(11, 21);
  x.max_age = 1h;
  x.now = noon + 30min;
  BOOST_TEST(log->write(x).value().log.oldest == 1);
  x = commit_of(21, 21);
  x.max_age = 1h;
  x.now = noon + 61min;
  BOOST_TEST(log->write(x).value().log.oldest == 11);
}

BOOST_AUTO_TEST_CASE(nothing_is_too_old_for_an_age_beyond_all_time) {
  const temporary_directory tmp;
  auto log = ready_in(tmp);
  BOOST_REQUIRE(log->write(commit_of(1, 11)));
  auto x = commit_of(11, 21);
  x.max_age = 24h * 365 * 100;
  BOOST_TEST(log->write(x).value().log.oldest == 1);
}

BOOST_AUTO_TEST_CASE(a_slash_at_the_end_of_the_directory_changes_nothing) {
  const temporary_directory tmp;
  BOOST_REQUIRE(open_store({.directory = tmp / "data/"})->recover());
  struct stat info {};
  BOOST_REQUIRE(::stat((tmp / "data").c_str(), &info) == 0);
  BOOST_TEST((info.st_mode & 0777) == 0700);
}

BOOST_AUTO_TEST_CASE(a_second_engine_is_refused) {
  const temporary_directory tmp;
  const auto first = open_in(tmp);
  const auto second = sqlite_store::open({.directory = tmp / "data"});
  BOOST_REQUIRE(!second);
  BOOST_TEST((second.error().kind == errc::file));
  BOOST_TEST(second.error().what.find(tmp / "data") != std::string::npos);
  BOOST_TEST(second.error().what.find(std::to_string(::getpid()))
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_directory_that_cannot_be_made_is_named) {
  const auto x = sqlite_store::open({.directory = "/proc/signalbox"});
  BOOST_REQUIRE(!x);
  BOOST_TEST((x.error().kind == errc::file));
  BOOST_TEST(x.error().what.find("/proc/signalbox") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(letters_survive_a_restart) {
  const temporary_directory tmp;
  {
    auto log = ready_in(tmp);
    auto x = commit_of(1, 1);
    x.buried = {letter_of("slack", 7)};
    BOOST_REQUIRE(log->write(x));
  }
  auto log = ready_in(tmp);
  const auto page = log->letters({}).value();
  BOOST_TEST(page.total == 1);
  BOOST_REQUIRE(page.letters.size() == 1);
  BOOST_TEST(page.letters[0].id == 1);
  BOOST_TEST(page.letters[0].what->user_id == user_of(7));
}
