#include "storage/log_tail.hpp"
#include "tests/storage/support.hpp"
#include "tests/support/fake_store.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace signalbox;
using namespace signalbox::storage;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace {

using start = log_tail::start;

log_options with_linger(duration x) {
  log_options out;
  out.linger = x;
  return out;
}

position at(sequence next) {
  return {{next, {}}, {}};
}

/// Bytes of a batch of ten events, at most.
std::size_t size_of_ten() {
  return numbered_batch(1001, 1011).batch->bytes();
}

progress reached_at(sequence next) {
  return {at(next), {}, {}};
}

/// A tail, a clock, and a store that applies what is written.
struct fixture {
  explicit fixture(log_options x = {}, bool durable = true)
    : options(x), tail(x, durable, {}) {
    // nop
  }

  result<void> append(std::size_t events) {
    const auto first = tail.next();
    return tail.append(numbered_batch(first, first + events).batch, now, wall);
  }

  void advance(const std::string& reader, sequence next) {
    tail.advance(reader, reached_at(next), now);
  }

  void pass(duration dt) {
    now += dt;
    wall += dt;
  }

  std::optional<commit> next_commit() {
    return tail.next_commit(now);
  }

  void write(const commit& x) {
    tail.written(disk.write(x).value().log, now);
  }

  /// Writes what is due now; answers it.
  std::optional<commit> write_due() {
    auto x = next_commit();
    if (x)
      write(*x);
    return x;
  }

  /// Writes until nothing is due, as if nothing else happened; answers how
  /// much time that took.
  duration write_all() {
    const auto before = now;
    while (const auto then = tail.wake_at()) {
      pass(std::max<duration>(*then - now, 0ns));
      write_due();
    }
    return now - before;
  }

  /// The process dies; another one begins with what the store holds.
  void crash() {
    tail = log_tail{options, true, disk.recover().value()};
  }

  /// Events [first, end) as read from memory.
  sequence_range in_memory(sequence from, std::size_t most = 1000) {
    const auto found = tail.read(from, most);
    BOOST_REQUIRE(std::holds_alternative<slice>(found));
    const auto& x = std::get<slice>(found);
    BOOST_TEST(x.from == from);
    for (const auto& one : x.batches)
      for (std::size_t i = 0; i < one.batch->events.size(); ++i)
        BOOST_TEST(one.batch->events[i].user_id == user_of(one.first + i));
    return {x.batches.empty() ? x.end : x.batches.front().first, x.end};
  }

  bool is_nothing_new(sequence from) {
    return std::holds_alternative<std::monostate>(tail.read(from, 1000));
  }

  std::optional<sequence_range> in_store(sequence from) {
    const auto found = tail.read(from, 1000);
    if (const auto* x = std::get_if<log_tail::in_store>(&found))
      return sequence_range{x->from, x->until};
    return std::nullopt;
  }

  log_options options;
  log_tail tail;
  fake_store disk;
  mono_time now{1h};
  wall_time wall = noon;
};

/// A fixture with a destination, which the store knows already.
struct attached : fixture {
  explicit attached(log_options x = {}, bool durable = true)
    : fixture(x, durable) {
    tail.attach("a", start::end, now);
    pass(50ms);
    write_due();
    pass(1s);
  }
};

const auto broken = failure{errc::file, "the disk is gone"};

} // namespace

// -- what is written ----------------------------------------------------------

BOOST_AUTO_TEST_CASE(what_everyone_is_done_with_in_time_is_never_written) {
  attached f;
  BOOST_REQUIRE(f.append(10));
  f.pass(49ms);
  f.advance("a", 11);
  f.write_all();
  BOOST_TEST(f.disk.batches.empty());
  BOOST_TEST(f.disk.readers.at("a").where.next == 11);
  BOOST_TEST(f.disk.next == 11);
  f.tail.trim(f.wall);
  BOOST_TEST(f.tail.bytes() == 0);
}

BOOST_AUTO_TEST_CASE(what_someone_is_not_done_with_is_written_when_it_is_old) {
  attached f;
  f.tail.attach("b", start::end, f.now);
  f.write_all();
  f.pass(1s);
  BOOST_REQUIRE(f.append(10));
  f.pass(10ms);
  BOOST_REQUIRE(f.append(10));
  f.pass(10ms);
  f.advance("a", 21);
  BOOST_TEST((f.tail.wake_at() == f.now + 30ms));
  f.pass(29ms);
  BOOST_TEST(!f.next_commit());
  f.pass(1ms);
  const auto x = f.write_due();
  BOOST_REQUIRE(x);
  BOOST_REQUIRE(x->batches.size() == 1);
  BOOST_TEST(x->batches[0].first == 1);
  BOOST_TEST(x->done == 1);
  BOOST_TEST(x->next == 21);
  // It comes along: a crash would repeat what it tells.
  BOOST_TEST(x->readers.size() == 1);
  // In the meantime, the other one is done with what is left.
  f.advance("b", 21);
  f.write_all();
  BOOST_TEST(f.disk.written_to == 11);
  BOOST_TEST(f.disk.batches.empty());
}

BOOST_AUTO_TEST_CASE(with_no_linger_nobody_sees_an_event_before_it_is_written) {
  attached f{with_linger(0s)};
  BOOST_REQUIRE(f.append(10));
  BOOST_TEST(f.tail.next() == 11);
  BOOST_TEST(f.tail.visible() == 1);
  BOOST_TEST(f.is_nothing_new(1));
  BOOST_TEST(f.tail.destinations().at("a") == 0);
  BOOST_TEST((f.tail.wake_at() <= f.now));
  auto x = f.next_commit();
  BOOST_REQUIRE(x);
  BOOST_TEST(x->next == 11);
  BOOST_REQUIRE(f.append(5));
  BOOST_TEST(f.is_nothing_new(1));
  f.write(*x);
  BOOST_TEST(f.tail.visible() == 11);
  BOOST_TEST((f.in_memory(1) == sequence_range{1, 11}));
  BOOST_TEST(f.is_nothing_new(11));
  x = f.write_due();
  BOOST_REQUIRE(x);
  BOOST_TEST(x->batches.size() == 1);
  BOOST_TEST(f.tail.visible() == 16);
  BOOST_TEST(f.tail.destinations().at("a") == 15);
}

BOOST_AUTO_TEST_CASE(with_no_linger_a_new_destination_begins_at_what_is_seen) {
  attached f{with_linger(0s)};
  BOOST_REQUIRE(f.append(10));
  BOOST_TEST(f.tail.attach("b", start::end, f.now).where.next == 1);
  BOOST_TEST(f.tail.watch("lamp").where.next == 1);
}

BOOST_AUTO_TEST_CASE(while_one_commit_is_out_nothing_else_is) {
  attached f;
  BOOST_REQUIRE(f.append(10));
  f.pass(50ms);
  const auto first = f.next_commit();
  BOOST_REQUIRE(first);
  BOOST_TEST(f.tail.is_writing());
  for (int i = 0; i < 10; ++i) {
    f.pass(50ms);
    BOOST_REQUIRE(f.append(10));
    f.advance("a", 2 + static_cast<sequence>(i));
    BOOST_TEST(!f.next_commit());
    BOOST_TEST(!f.tail.next_commit(f.now, true));
    BOOST_TEST(!f.tail.wake_at());
  }
  f.pass(50ms);
  f.write(*first);
  // Then one for all of them, after a breath.
  BOOST_TEST((f.tail.wake_at() > f.now));
  BOOST_TEST((f.tail.wake_at() <= f.now + 50ms));
  f.pass(*f.tail.wake_at() - f.now);
  const auto second = f.write_due();
  BOOST_REQUIRE(second);
  BOOST_TEST(second->batches.size() == 10);
  BOOST_TEST(second->readers.size() == 1);
  BOOST_TEST(f.disk.written_to == 111);
}

BOOST_AUTO_TEST_CASE(a_large_backlog_is_written_in_pieces) {
  auto options = with_linger(1h);
  attached f{options};
  const auto text = std::size_t{1} << 20;
  for (sequence n = 1; n <= 40; ++n)
    BOOST_REQUIRE(
      f.tail.append(numbered_batch(n, n + 1, text).batch, f.now, f.wall));
  std::size_t commits = 0;
  while (const auto x = f.tail.next_commit(f.now, true)) {
    BOOST_TEST(x->batches.size() <= 18);
    f.write(*x);
    ++commits;
  }
  BOOST_TEST(commits == 3);
  BOOST_TEST(f.disk.written_to == 41);
}

BOOST_AUTO_TEST_CASE(a_store_that_forgets_gets_no_events) {
  attached f{{}, false};
  BOOST_REQUIRE(f.append(10));
  BOOST_TEST(f.tail.visible() == 11);
  f.tail.touch(f.now);
  dead_letter letter;
  f.tail.advance("a", {at(5), {letter}, {3}}, f.now);
  f.pass(1s);
  const auto x = f.write_due();
  BOOST_REQUIRE(x);
  BOOST_TEST(x->batches.empty());
  BOOST_TEST(x->readers.empty());
  BOOST_TEST(x->buried.size() == 1);
  BOOST_TEST(x->buried[0].destination == "a");
  BOOST_TEST(x->absolved.size() == 1);
  f.pass(10s);
  BOOST_TEST(!f.next_commit());
}

BOOST_AUTO_TEST_CASE(a_cursor_is_written_soon_when_a_crash_would_repeat_it) {
  attached f;
  // Nothing is in the store: there is nothing to repeat.
  BOOST_REQUIRE(f.append(10));
  f.advance("a", 11);
  BOOST_TEST((f.tail.wake_at() == f.now + 1s));
  f.pass(1s);
  f.write_due();
  f.pass(1s);
  BOOST_REQUIRE(f.append(10));
  f.pass(50ms);
  f.write_due();
  f.pass(1s);
  f.advance("a", 16);
  BOOST_TEST((f.tail.wake_at() == f.now + 50ms));
  f.pass(20ms);
  f.advance("a", 21); // Goes along.
  BOOST_TEST((f.tail.wake_at() == f.now + 30ms));
  f.pass(30ms);
  const auto x = f.write_due();
  BOOST_REQUIRE(x);
  BOOST_TEST(x->readers.at(0).second.where.next == 21);
  BOOST_TEST(x->done == 21);
  BOOST_TEST(f.disk.batches.empty());
}

BOOST_AUTO_TEST_CASE(a_cursor_that_overtook_its_commit_is_written_soon) {
  attached f;
  BOOST_REQUIRE(f.append(10));
  f.pass(50ms);
  const auto x = f.next_commit();
  BOOST_REQUIRE(x);
  f.advance("a", 11); // While the events go to the store.
  f.write(*x);
  BOOST_REQUIRE(f.tail.wake_at());
  BOOST_TEST((*f.tail.wake_at() <= f.now + 50ms));
}

BOOST_AUTO_TEST_CASE(letters_are_written_soon) {
  attached f;
  BOOST_REQUIRE(f.append(1));
  f.tail.advance("a", {at(2), {letter_of("", 1)}, {}}, f.now);
  BOOST_TEST((f.tail.wake_at() == f.now + 50ms));
  f.pass(50ms);
  f.write_due();
  BOOST_REQUIRE(f.disk.dead_letters.size() == 1);
  BOOST_TEST(f.disk.dead_letters.at(1).destination == "a");
  f.pass(1s);
  f.tail.advance("a", {at(2), {}, {1}}, f.now);
  BOOST_TEST((f.tail.wake_at() == f.now + 50ms));
  f.pass(50ms);
  f.write_due();
  BOOST_TEST(f.disk.dead_letters.empty());
}

BOOST_AUTO_TEST_CASE(what_else_changed_is_written_within_a_second) {
  attached f;
  BOOST_TEST(!f.tail.wake_at());
  f.tail.touch(f.now);
  f.tail.touch(f.now + 500ms);
  BOOST_TEST((f.tail.wake_at() == f.now + 1s));
  f.pass(1s);
  BOOST_TEST(f.write_due().has_value());
  BOOST_TEST(!f.tail.wake_at());
}

BOOST_AUTO_TEST_CASE(closing_writes_all_and_ends) {
  auto options = with_linger(1min);
  attached f{options};
  for (int i = 0; i < 3; ++i)
    BOOST_REQUIRE(f.append(10));
  f.advance("a", 15);
  BOOST_TEST(!f.next_commit());
  int commits = 0;
  while (const auto x = f.tail.next_commit(f.now, true)) {
    f.write(*x);
    BOOST_REQUIRE(++commits < 10);
  }
  BOOST_TEST(f.disk.readers.at("a").where.next == 15);
  BOOST_TEST(f.disk.batches.size() == 2); // The first is done with.
  BOOST_TEST(!f.tail.wake_at());
  f.crash();
  BOOST_TEST(f.tail.attach("a", start::end, f.now).where.next == 15);
  BOOST_TEST(f.tail.next() == 31);
  BOOST_TEST((f.in_store(15) == sequence_range{15, 31}));
}

// -- a store that fails -------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_commit_that_failed_is_written_a_second_later_with_all) {
  attached f;
  f.tail.attach("gone", start::end, f.now);
  f.write_all();
  f.pass(1s);
  BOOST_REQUIRE(f.append(10));
  f.tail.forget("gone", f.now);
  f.tail.advance("a", {at(3), {letter_of("", 1)}, {5}}, f.now);
  f.tail.set_aside({77}, f.now);
  f.pass(50ms);
  const auto x = f.next_commit();
  BOOST_REQUIRE(x);
  BOOST_TEST(x->gone.size() == 1);
  // More comes while it is out.
  f.tail.advance("a", {at(4), {letter_of("", 2)}, {6}}, f.now);
  BOOST_REQUIRE(f.append(10));
  f.tail.not_written(f.now);
  BOOST_TEST(f.tail.is_failing());
  BOOST_TEST((f.tail.wake_at() == f.now + 1s));
  f.pass(999ms);
  BOOST_TEST(!f.next_commit());
  f.pass(1ms);
  const auto again = f.next_commit();
  BOOST_REQUIRE(again);
  BOOST_TEST(again->batches.size() == 2);
  BOOST_TEST(again->gone == std::vector<std::string>{"gone"},
             boost::test_tools::per_element());
  BOOST_REQUIRE(again->readers.size() == 1);
  BOOST_TEST(again->readers[0].second.where.next == 4);
  BOOST_REQUIRE(again->buried.size() == 2);
  BOOST_TEST(again->buried[0].what->user_id == user_of(1));
  BOOST_TEST(again->buried[1].what->user_id == user_of(2));
  BOOST_TEST(again->absolved == (std::vector<std::uint64_t>{5, 6}),
             boost::test_tools::per_element());
  BOOST_TEST(again->damaged == std::vector<sequence>{77},
             boost::test_tools::per_element());
  f.write(*again);
  BOOST_TEST(!f.tail.is_failing());
  BOOST_TEST(!f.next_commit());
}

BOOST_AUTO_TEST_CASE(what_was_seen_stays_to_be_seen_while_the_store_fails) {
  attached f;
  BOOST_REQUIRE(f.append(10));
  f.pass(50ms);
  BOOST_REQUIRE(f.next_commit());
  f.tail.not_written(f.now);
  BOOST_TEST(f.tail.visible() == 11);
  BOOST_TEST((f.in_memory(1) == sequence_range{1, 11}));
  BOOST_REQUIRE(f.append(10)); // Events go on.
  BOOST_TEST((f.in_memory(11) == sequence_range{11, 21}));
}

BOOST_AUTO_TEST_CASE(what_was_not_seen_is_not_seen_while_the_store_fails) {
  attached f{with_linger(0s)};
  BOOST_REQUIRE(f.append(10));
  BOOST_REQUIRE(f.next_commit());
  f.tail.not_written(f.now);
  BOOST_TEST(f.tail.visible() == 1);
  BOOST_TEST(f.is_nothing_new(1));
  f.pass(1s);
  BOOST_TEST(f.write_due().has_value());
  BOOST_TEST((f.in_memory(1) == sequence_range{1, 11}));
}

namespace {

/// Memory for four batches of ten events.
log_options tight(when_full full, duration linger = 50ms) {
  log_options x;
  x.linger = linger;
  x.full = full;
  x.max_memory = 4 * size_of_ten();
  return x;
}

void fail_once(fixture& f) {
  BOOST_REQUIRE(f.tail.next_commit(f.now, true));
  f.tail.not_written(f.now);
}

} // namespace

BOOST_AUTO_TEST_CASE(drops_the_oldest_for_want_of_memory) {
  attached f{tight(when_full::drop_oldest)};
  BOOST_REQUIRE(f.append(10));
  fail_once(f);
  for (int i = 0; i < 9; ++i)
    BOOST_REQUIRE(f.append(10));
  BOOST_TEST(f.tail.bytes() <= f.options.max_memory);
  // The reader finds a gap, then what is left.
  BOOST_TEST((f.in_memory(1) == sequence_range{61, 101}));
  f.pass(1s);
  BOOST_REQUIRE(f.write_due());
  BOOST_TEST(f.disk.batches.size() == 4);
  BOOST_TEST(f.disk.batches.begin()->first == 61);
  // What it had missed stays missed, what comes is taken.
  BOOST_TEST((f.in_memory(1) == sequence_range{61, 101}));
  BOOST_REQUIRE(f.append(10));
  BOOST_TEST(!f.tail.is_failing());
}

BOOST_AUTO_TEST_CASE(what_nobody_was_told_of_is_not_dropped_but_refused) {
  attached f{tight(when_full::drop_oldest, 0s)};
  BOOST_REQUIRE(f.append(10));
  fail_once(f);
  std::size_t refused = 0;
  for (int i = 0; i < 9; ++i)
    refused += f.append(10) ? 0 : 1;
  BOOST_TEST(refused == 6);
  BOOST_TEST(f.tail.next() == 41);
  f.pass(1s);
  BOOST_REQUIRE(f.write_due());
  BOOST_TEST(f.tail.visible() == 41);
  BOOST_TEST((f.in_memory(1) == sequence_range{1, 41}));
  BOOST_REQUIRE(f.append(10));
}

BOOST_AUTO_TEST_CASE(refuses_the_newest_when_told_so) {
  attached f{tight(when_full::drop_newest)};
  BOOST_REQUIRE(f.append(10));
  fail_once(f);
  for (int i = 0; i < 3; ++i)
    BOOST_REQUIRE(f.append(10));
  const auto refused = f.append(10);
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().kind == errc::full));
  BOOST_TEST(refused.error().what.find("journal.max_memory")
             != std::string::npos);
  BOOST_TEST(f.tail.next() == 41);
  BOOST_TEST((f.in_memory(1) == sequence_range{1, 41}));
  f.pass(1s);
  BOOST_REQUIRE(f.write_due());
  for (int i = 0; i < 20; ++i) {
    BOOST_REQUIRE(f.append(10));
    f.pass(50ms);
    f.write_due();
  }
}

BOOST_AUTO_TEST_CASE(what_everyone_is_done_with_takes_no_room) {
  for (const bool durable : {true, false})
    for (const bool fails : {true, false}) {
      BOOST_TEST_CONTEXT("durable " << durable << ", fails " << fails) {
        attached f{tight(when_full::drop_newest), durable};
        if (fails) {
          f.tail.touch(f.now);
          fail_once(f);
        }
        for (int i = 0; i < 4; ++i)
          BOOST_REQUIRE(f.append(10));
        f.advance("a", 41);
        BOOST_TEST(f.append(10).has_value());
        BOOST_TEST((f.in_memory(41) == sequence_range{41, 51}));
      }
    }
}

BOOST_AUTO_TEST_CASE(refuses_the_newest_when_the_store_is_full) {
  auto options = with_linger(50ms);
  options.full = when_full::drop_newest;
  options.max_bytes = 2 * size_of_ten();
  attached f{options};
  for (int i = 0; i < 2; ++i)
    BOOST_REQUIRE(f.append(10));
  f.pass(50ms);
  BOOST_REQUIRE(f.write_due());
  const auto refused = f.append(10);
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().what.find("journal.max_bytes")
             != std::string::npos);
  f.advance("a", 11);
  f.write_all();
  BOOST_TEST(f.append(10).has_value());
  // A store that drops its oldest never refuses.
  options.full = when_full::drop_oldest;
  f.tail.configure(options);
  for (int i = 0; i < 5; ++i)
    BOOST_TEST(f.append(10).has_value());
}

BOOST_AUTO_TEST_CASE(letters_that_cannot_be_written_are_bounded) {
  attached f;
  fail_once(*[&f] {
    f.tail.touch(f.now);
    return &f;
  }());
  const std::vector<dead_letter> many(6000);
  for (int i = 0; i < 2; ++i)
    f.tail.advance("a", {at(1), many, {}}, f.now);
  BOOST_TEST(f.tail.lost_letters() == 2000);
  f.pass(1s);
  auto x = f.next_commit();
  BOOST_REQUIRE(x);
  BOOST_TEST(x->buried.size() == 10'000);
  f.tail.advance("a", {at(1), many, {}}, f.now);
  f.tail.not_written(f.now);
  BOOST_TEST(f.tail.lost_letters() == 8000);
  f.pass(1s);
  x = f.next_commit();
  BOOST_REQUIRE(x);
  BOOST_TEST(x->buried.size() == 10'000);
}

// -- memory -------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(what_is_written_leaves_memory_when_it_is_full) {
  attached f{tight(when_full::drop_oldest)};
  for (int i = 0; i < 20; ++i) {
    BOOST_REQUIRE(f.append(10));
    f.pass(50ms);
    f.write_due();
    BOOST_TEST(f.tail.bytes() <= f.options.max_memory);
  }
  BOOST_TEST((f.in_store(1) == sequence_range{1, 161}));
  BOOST_TEST((f.in_store(160) == sequence_range{160, 161}));
  BOOST_TEST((f.in_memory(161) == sequence_range{161, 201}));
  BOOST_TEST((f.in_memory(175) == sequence_range{171, 201}));
  BOOST_TEST((f.in_memory(175, 10) == sequence_range{171, 181}));
  BOOST_TEST((f.in_memory(175, 11) == sequence_range{171, 191}));
  BOOST_TEST(f.is_nothing_new(201));
}

BOOST_AUTO_TEST_CASE(a_store_that_works_gets_time_before_events_are_dropped) {
  attached f{tight(when_full::drop_oldest)};
  for (int i = 0; i < 6; ++i)
    BOOST_REQUIRE(f.append(10));
  BOOST_TEST(f.tail.is_pressed());
  BOOST_TEST((f.in_memory(1) == sequence_range{1, 61}));
  // Rather written early than dropped.
  BOOST_TEST((f.tail.wake_at() <= f.now));
  BOOST_REQUIRE(f.write_due());
  BOOST_TEST(f.disk.batches.size() == 6);
  BOOST_REQUIRE(f.append(10));
  BOOST_TEST(f.tail.bytes() <= f.options.max_memory);
  BOOST_TEST((f.in_store(1) == sequence_range{1, 31}));
}

BOOST_AUTO_TEST_CASE(a_reader_that_lags_far_behind_does_not_hurry_the_writer) {
  attached f{tight(when_full::drop_oldest)};
  for (int i = 0; i < 4; ++i)
    BOOST_REQUIRE(f.append(10));
  f.write_all();
  f.pass(1s);
  // Memory is full, but of what is written.
  BOOST_TEST(!f.tail.is_pressed());
  BOOST_REQUIRE(f.append(10));
  BOOST_TEST((f.tail.wake_at() == f.now + 50ms));
}

BOOST_AUTO_TEST_CASE(what_is_too_old_is_released) {
  auto options = with_linger(50ms);
  options.max_age = 1h;
  for (const bool durable : {true, false}) {
    attached f{options, durable};
    BOOST_REQUIRE(f.append(10));
    f.pass(50ms);
    f.write_due();
    f.pass(1h);
    BOOST_REQUIRE(f.append(10));
    f.tail.trim(f.wall);
    BOOST_TEST(f.tail.bytes() <= size_of_ten());
    if (durable) // The store has bounds of its own.
      BOOST_TEST((f.in_store(1) == sequence_range{1, 11}));
    else
      BOOST_TEST((f.in_memory(1) == sequence_range{11, 21}));
  }
}

BOOST_AUTO_TEST_CASE(a_gap_is_told_as_such) {
  fixture f;
  f.disk.next = 101;
  f.disk.readers["a"] = at(31);
  f.disk.batches.emplace(51, numbered_batch(51, 61));
  f.crash();
  // The store says what is gone before it, and after it.
  BOOST_TEST((f.in_store(31) == sequence_range{31, 101}));
  f.disk.batches.clear();
  f.crash();
  BOOST_REQUIRE(f.append(10));
  const auto found = f.tail.read(31, 1000);
  BOOST_REQUIRE(std::holds_alternative<slice>(found));
  const auto& x = std::get<slice>(found);
  BOOST_TEST(x.from == 31);
  BOOST_TEST(x.end == 111);
  BOOST_REQUIRE(x.batches.size() == 1);
  BOOST_TEST(x.batches[0].first == 101);
}

// -- readers ------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_new_destination_begins_at_the_end_or_at_the_oldest) {
  attached f;
  for (int i = 0; i < 3; ++i)
    BOOST_REQUIRE(f.append(10));
  BOOST_TEST((f.tail.attach("end", start::end, f.now) == at(31)));
  BOOST_TEST((f.tail.attach("oldest", start::oldest, f.now) == at(1)));
  // Who is known goes on from its place, whatever it says.
  f.advance("end", 31);
  BOOST_TEST((f.tail.attach("end", start::oldest, f.now) == at(31)));
  const std::map<std::string, std::uint64_t> waiting{
    {"a", 30}, {"end", 0}, {"oldest", 30}};
  BOOST_TEST((f.tail.destinations() == waiting));
}

BOOST_AUTO_TEST_CASE(the_oldest_event_may_be_in_the_store) {
  attached f{tight(when_full::drop_oldest)};
  for (int i = 0; i < 20; ++i) {
    BOOST_REQUIRE(f.append(10));
    f.pass(50ms);
    f.write_due();
  }
  f.advance("a", 35);
  f.write_all();
  BOOST_TEST(f.disk.batches.begin()->first == 31);
  BOOST_TEST((f.tail.attach("b", start::oldest, f.now) == at(31)));
}

BOOST_AUTO_TEST_CASE(a_new_destination_is_written_soon) {
  fixture f;
  f.tail.attach("a", start::end, f.now);
  BOOST_TEST((f.tail.wake_at() == f.now + 50ms));
  f.pass(50ms);
  f.write_due();
  BOOST_TEST(f.disk.readers.contains("a"));
}

BOOST_AUTO_TEST_CASE(who_is_forgotten_holds_nothing_back) {
  attached f;
  f.tail.attach("b", start::end, f.now);
  f.write_all();
  BOOST_REQUIRE(f.append(10));
  f.pass(50ms);
  f.write_due();
  f.advance("a", 11);
  f.tail.forget("b", f.now);
  f.tail.forget("nobody", f.now);
  f.write_all();
  BOOST_TEST(f.disk.batches.empty());
  BOOST_TEST(!f.disk.readers.contains("b"));
  BOOST_TEST(!f.tail.destinations().contains("b"));
  // Late words of it change nothing.
  f.advance("b", 5);
  BOOST_TEST(!f.tail.wake_at());
}

BOOST_AUTO_TEST_CASE(who_was_forgotten_and_comes_back_is_kept) {
  // Before, while, and after the store hears that it has gone; with a store
  // that works or fails at that moment.
  for (const int when : {0, 1, 2})
    for (const bool fails : {false, true}) {
      BOOST_TEST_CONTEXT("when " << when << ", fails " << fails) {
        attached f;
        BOOST_REQUIRE(f.append(10));
        f.tail.forget("a", f.now);
        if (when == 0)
          f.tail.attach("a", start::end, f.now);
        f.pass(50ms);
        auto x = f.next_commit();
        BOOST_REQUIRE(x);
        if (when == 1)
          f.tail.attach("a", start::end, f.now);
        if (fails)
          f.tail.not_written(f.now);
        else
          f.write(*x);
        if (when == 2)
          f.tail.attach("a", start::end, f.now);
        f.write_all();
        BOOST_TEST(f.disk.readers.contains("a"));
        f.crash();
        BOOST_TEST(f.tail.attach("a", start::oldest, f.now).where.next == 11);
      }
    }
}

BOOST_AUTO_TEST_CASE(who_is_no_destination_does_not_outlive_the_process) {
  attached f;
  f.tail.watch("lamp");
  BOOST_REQUIRE(f.append(10));
  f.advance("a", 11);
  f.pass(50ms);
  f.write_due(); // The lamp is not done with it.
  BOOST_TEST(f.disk.batches.size() == 1);
  BOOST_TEST(!f.disk.readers.contains("lamp"));
  BOOST_TEST(!f.tail.destinations().contains("lamp"));
  f.advance("lamp", 11);
  f.tail.touch(f.now);
  f.write_all();
  BOOST_TEST(f.disk.batches.empty());
  // Whoever starts again finds its place; whoever was forgotten, the end.
  BOOST_REQUIRE(f.append(10));
  BOOST_TEST((f.tail.watch("lamp") == at(11)));
  f.tail.forget("lamp", f.now);
  BOOST_TEST((f.tail.watch("lamp") == at(21)));
}

BOOST_AUTO_TEST_CASE(finds_its_readers_again_with_what_they_did_beyond) {
  attached f;
  for (int i = 0; i < 2; ++i)
    BOOST_REQUIRE(f.append(10));
  const position x{{3, {{5, 7}, {12, 13}}},
                   {.not_matched = 1, .delivered = 3, .dropped = 1}};
  f.tail.advance("a", {x, {}, {}}, f.now);
  BOOST_TEST(f.tail.destinations().at("a") == 20 - 2 - 3);
  f.pass(1s);
  f.write_due();
  f.crash();
  BOOST_TEST((f.tail.attach("a", start::end, f.now) == x));
  BOOST_TEST(f.tail.destinations().at("a") == 20 - 2 - 3);
  BOOST_TEST(f.tail.next() == 21);
  BOOST_TEST((f.in_store(3) == sequence_range{3, 21}));
  BOOST_TEST(!f.tail.wake_at()); // Nothing is new.
  BOOST_REQUIRE(f.append(10));
  BOOST_TEST((f.in_memory(21) == sequence_range{21, 31}));
  BOOST_TEST((f.in_store(3) == sequence_range{3, 21}));
}

BOOST_AUTO_TEST_CASE(readers_of_a_former_process_hold_events_back) {
  attached f;
  BOOST_REQUIRE(f.append(10));
  f.pass(50ms);
  f.write_due();
  f.crash();
  // Not attached yet, and not forgotten either.
  f.tail.attach("b", start::end, f.now);
  f.write_all();
  BOOST_TEST(f.disk.batches.size() == 1);
  f.tail.forget("a", f.now);
  f.write_all();
  BOOST_TEST(f.disk.batches.empty());
}

BOOST_AUTO_TEST_CASE(damaged_batches_are_set_aside_at_once) {
  attached f;
  f.tail.set_aside({}, f.now);
  BOOST_TEST(!f.tail.wake_at());
  f.tail.set_aside({3, 4}, f.now);
  BOOST_TEST((f.tail.wake_at() <= f.now));
  const auto x = f.write_due();
  BOOST_REQUIRE(x);
  BOOST_TEST(x->damaged == (std::vector<sequence>{3, 4}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(new_bounds_hold_from_now_on) {
  attached f{with_linger(1min)};
  BOOST_REQUIRE(f.append(10));
  f.tail.configure(with_linger(0s));
  BOOST_TEST(f.tail.visible() == 11); // What was seen stays to be seen.
  BOOST_REQUIRE(f.append(10));
  BOOST_TEST(f.tail.visible() == 11);
  BOOST_REQUIRE(f.write_due());
  BOOST_TEST(f.tail.visible() == 21);
  BOOST_REQUIRE(f.append(10));
  f.tail.configure(with_linger(50ms));
  BOOST_REQUIRE(f.append(10));
  BOOST_TEST(f.tail.visible() == 41);
}
