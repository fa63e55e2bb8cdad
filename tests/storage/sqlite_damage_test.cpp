#include "storage/sqlite/schema.hpp"
#include "tests/storage/sqlite_support.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <set>

using namespace signalbox;
using namespace signalbox::storage;
using namespace signalbox::test;
namespace fs = std::filesystem;

namespace {

/// As the address sanitizer is slow, it sees fewer of the many cases.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t slowness = 23;
#else
constexpr std::size_t slowness = 1;
#endif

constexpr sequence last = 241;
constexpr sequence oldest = 41;
constexpr std::uint64_t letters = 6;

/// What a test begins with: events, positions and letters, some of it freed.
void fill(sqlite_store& log) {
  for (sequence n = 1; n < last; n += 40) {
    auto x = commit_of(n, n + 40, n < 120 ? 10 : 400);
    x.readers = {{"slack", at(n)}, {"teams", at(2, {{5, 6}})}};
    x.buried = {letter_of("slack", n)};
    x.counters.events.parsed = n + 39;
    x.counters.events.journaled = n + 39;
    x.done = n > 120 ? oldest : 1;
    BOOST_REQUIRE(log.write(x));
  }
}

struct files {
  std::string database;
  std::string wal;
};

/// A database that was closed as it should be, and the same as a process leaves
/// it that is killed.
struct original {
  files closed;
  files killed;
  std::size_t last_commit = 0; ///< Where it begins in the write-ahead log.

  original() {
    const temporary_directory tmp{memory_or_disk()};
    const auto database = tmp / "data/journal.db";
    const auto wal = database + "-wal";
    auto log = ready_in(tmp);
    fill(*log);
    last_commit = fs::file_size(wal);
    auto x = commit_of(last, last);
    x.readers = {{"slack", at(last - 40)}};
    x.counters.events.parsed = last - 1;
    x.counters.events.journaled = last - 1;
    x.counters.ingest = {.received = 5, .malformed = 5};
    x.done = oldest;
    BOOST_REQUIRE(log->write(x));
    BOOST_REQUIRE(fs::file_size(wal) > last_commit);
    killed = {contents(database), contents(wal)};
    log.reset();
    closed = {contents(database), {}};
    BOOST_REQUIRE(!fs::exists(wal));
    BOOST_REQUIRE(closed.database.size() % page_size == 0);
  }

  static const original& get() {
    static const original x;
    return x;
  }
};

/// What a store makes of damaged files.
struct outcome {
  recovered found;
  std::set<sequence> events;
  std::uint64_t letters = 0;
  std::vector<std::string> findings;

  /// Nothing is missing.
  [[nodiscard]] bool is_whole() const {
    return events.size() == last - oldest && letters == ::letters
           && found.readers.size() == 2
           && found.readers.at("slack") == at(last - 40)
           && found.readers.at("teams") == at(2, {{5, 6}})
           && found.counters.events.parsed == last - 1;
  }

  void add(const std::vector<std::string>& more) {
    findings.insert(findings.end(), more.begin(), more.end());
  }
};

struct fixture {
  temporary_directory tmp{memory_or_disk()};

  fixture() {
    fs::create_directory(tmp / "data");
  }

  [[nodiscard]] std::string path(const std::string& name) const {
    return tmp / ("data/" + name);
  }

  [[nodiscard]] std::string database() const {
    return path("journal.db");
  }

  void put(const files& x) const {
    for (const auto& name : files_in(tmp / "data", "journal"))
      fs::remove(path(name));
    write_file(database(), x.database);
    if (!x.wal.empty())
      write_file(database() + "-wal", x.wal);
  }

  /// Recovers, reads all there is and, if told so, goes on working.
  [[nodiscard]] outcome look(bool works = true) const {
    auto log = open_in(tmp);
    auto found = log->recover();
    BOOST_REQUIRE_MESSAGE(found, found.error().what);
    outcome out{*found, {}, 0, found->findings};
    BOOST_REQUIRE(found->counters.imbalance() == 0);
    BOOST_REQUIRE(found->log.next <= last);
    for (const auto& [name, where] : found->readers)
      BOOST_REQUIRE(where.where.next <= last);
    auto back = read_all(*log, 1, last);
    out.events = std::move(back.events);
    out.add(back.findings);
    const auto page = log->letters({});
    BOOST_REQUIRE_MESSAGE(page, page.error().what);
    for (const auto& x : page->letters)
      BOOST_REQUIRE(x.what->user_id == user_of(x.id * 40 - 39));
    out.letters = page->letters.size();
    // What is wrong with letters is told with the next commit.
    if (!works && out.letters == ::letters)
      return out;
    auto x = commit_of(last, last + 1);
    x.damaged = back.damaged;
    const auto done = log->write(x);
    BOOST_REQUIRE_MESSAGE(done, done.error().what);
    out.add(done->findings);
    BOOST_REQUIRE(read_all(*log, last, last + 1).events.size() == 1);
    return out;
  }

  [[nodiscard]] outcome look_at(const files& x, bool works = true) const {
    put(x);
    return look(works);
  }
};

std::string flipped(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
  return bytes;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_store_with_damage, fixture)

BOOST_AUTO_TEST_CASE(sees_none_where_there_is_none) {
  for (const auto& x : {original::get().closed, original::get().killed}) {
    const auto got = look_at(x);
    BOOST_TEST(got.is_whole());
    BOOST_TEST(got.findings.empty());
  }
}

BOOST_AUTO_TEST_CASE(never_delivers_a_flipped_byte) {
  const auto& sound = original::get().closed.database;
  const auto pages = sound.size() / page_size;
  std::size_t cases = 0;
  for (std::size_t i = 0; i < sound.size(); ++i) {
    // The last two pages and the heads of all byte by byte, the rest here and
    // there.
    const auto page = i / page_size;
    const auto everywhere = page + 2 >= pages || i < 128 || i % page_size < 16;
    if (i % (everywhere ? slowness : 37 * slowness) != 0)
      continue;
    const auto got = look_at({flipped(sound, i), {}}, i % 16 == 0);
    BOOST_REQUIRE_MESSAGE(got.is_whole() || !got.findings.empty(),
                          "nothing is said of byte " << i);
    ++cases;
  }
  BOOST_TEST_MESSAGE(cases << " flipped bytes in " << pages << " pages");
}

BOOST_AUTO_TEST_CASE(loses_no_more_than_what_is_on_a_damaged_page) {
  const auto& sound = original::get().closed.database;
  for (const auto fill : {'\0', '\x5a', '\xff'}) {
    for (std::size_t page = 0; page < sound.size() / page_size; ++page) {
      auto bytes = sound;
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(page * page_size),
                  page_size, fill);
      const auto got = look_at({bytes, {}});
      BOOST_TEST(!got.findings.empty());
      if (page == 0)
        BOOST_TEST(got.is_whole());
      else
        BOOST_TEST(got.events.size() >= 120);
      if (got.events.size() < last - oldest)
        BOOST_TEST(mentions(got.findings, "events "));
    }
  }
}

BOOST_AUTO_TEST_CASE(survives_a_file_that_is_cut_short) {
  const auto& sound = original::get().closed.database;
  std::vector<std::size_t> lengths{1, 16, 100, sound.size() - 1};
  for (std::size_t n = 512; n < sound.size(); n += 512)
    lengths.push_back(n);
  for (const auto length : lengths) {
    const auto got = look_at({sound.substr(0, length), {}});
    BOOST_TEST((got.is_whole() || !got.findings.empty()),
               "nothing is said of a length of " << length);
  }
  // As good as new, which is no damage.
  BOOST_TEST(look_at({"", {}}).found.log.next == 1);
}

BOOST_AUTO_TEST_CASE(survives_a_file_that_is_none_of_ours) {
  const auto got = look_at({"Dear diary,\n" + std::string(50'000, '.'), {}});
  BOOST_TEST(got.found.log.next == 1);
  BOOST_TEST(mentions(got.findings, "no longer leads to events from 1 on"));
  const auto kept = files_in(tmp / "data", "journal.damaged-");
  BOOST_REQUIRE(kept.size() == 1);
  BOOST_TEST(mentions(got.findings, kept[0]));
  BOOST_TEST(contents(path(kept[0])).starts_with("Dear diary"));
}

BOOST_AUTO_TEST_CASE(notices_a_flipped_byte_in_the_log_of_commits) {
  const auto& [database, wal] = original::get().killed;
  for (std::size_t i = 0; i < wal.size(); i += i < 9000 ? 7 : 397 * slowness) {
    const auto got = look_at({database, flipped(wal, i)}, i % 16 == 0);
    if (i < original::get().last_commit) {
      BOOST_REQUIRE_MESSAGE(got.is_whole() || !got.findings.empty(),
                            "nothing is said of byte " << i);
      if (!got.is_whole())
        BOOST_REQUIRE(files_in(tmp / "data", "journal.damaged-").size() >= 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(reads_the_commits_behind_a_damaged_one) {
  const auto& [database, wal] = original::get().killed;
  std::size_t lost = 0;
  for (std::size_t i = 0; i < original::get().last_commit;
       i += i < 200 ? 1 : 97 * slowness) {
    const auto got = look_at({database, flipped(wal, i)});
    // The events of one row, which are those of one commit.
    BOOST_CHECK_MESSAGE(got.events.size() + 40 >= last - oldest,
                        got.events.size() << " left after byte " << i);
    BOOST_CHECK_MESSAGE(got.found.log.next == last, i);
    lost += got.events.size() < last - oldest ? 1 : 0;
  }
  BOOST_TEST(lost > 0);
}

BOOST_AUTO_TEST_CASE(reads_a_log_of_commits_whose_database_is_gone) {
  const auto& wal = original::get().killed.wal;
  const auto got = look_at({"", wal});
  BOOST_TEST(mentions(got.findings, "missing or empty"));
  BOOST_TEST(got.is_whole());
  put({"", wal});
  fs::remove(database());
  BOOST_TEST(look().is_whole());
}

BOOST_AUTO_TEST_CASE(knows_that_places_are_lost) {
  auto bytes = original::get().closed.database;
  // The tables of the readers and of their names.
  for (const auto page : {2, 3})
    std::fill_n(bytes.begin() + page * std::ptrdiff_t{page_size}, page_size,
                '\x5a');
  const auto got = look_at({bytes, {}});
  BOOST_TEST(got.found.places_lost);
  BOOST_TEST(got.events.size() == last - oldest);
  BOOST_TEST(mentions(got.findings, "begin again with event 41"));
}

BOOST_AUTO_TEST_CASE(takes_a_last_commit_cut_short_for_what_it_is) {
  const auto& [database, wal] = original::get().killed;
  const auto cut = original::get().last_commit;
  for (const auto length : {cut, cut + 10, wal.size() - 1}) {
    const auto got = look_at({database, wal.substr(0, length)});
    BOOST_TEST(got.findings.empty());
    BOOST_TEST(got.events.size() == last - oldest);
  }
  const auto got = look_at({database, flipped(wal, wal.size() - 1)});
  BOOST_TEST(got.findings.empty());
}

BOOST_AUTO_TEST_CASE(begins_again_with_a_reader_whose_position_is_damaged) {
  for (const auto* change : {"next = next + 1", "delivered = 0", "beyond = ''",
                             "beyond = '5-'", "checksum = 1"}) {
    put(original::get().closed);
    run_sql(database(), fmt::format("UPDATE readers SET {} WHERE name = "
                                    "'teams'",
                                    change));
    const auto got = look();
    BOOST_TEST(mentions(got.findings, "position of 'teams'"), change);
    BOOST_TEST((got.found.readers.at("teams").where == cursor{oldest, {}}));
    BOOST_TEST(got.found.readers.at("teams").terms.total() == 0);
    BOOST_TEST((got.found.readers.at("slack") == at(last - 40)));
    // It is said once.
    BOOST_TEST(open_in(tmp)->recover().value().findings.empty());
  }
}

BOOST_AUTO_TEST_CASE(finds_a_position_by_the_name_in_the_index) {
  auto bytes = original::get().closed.database;
  // In the table the row begins with the name; in the index it ends with it.
  const auto name = bytes.find("teams\x02");
  BOOST_REQUIRE(name != std::string::npos);
  bytes[name] = 'b';
  const auto got = look_at({bytes, {}});
  BOOST_TEST(got.found.readers.contains("teams"));
  BOOST_TEST(mentions(got.findings, "position of 'teams'"));
}

BOOST_AUTO_TEST_CASE(counts_again_when_the_counters_are_damaged) {
  put(original::get().closed);
  run_sql(database(), "UPDATE snapshots SET content = replace(content, '240', "
                      "'241') WHERE name = 'ledger'");
  const auto got = look();
  BOOST_TEST(mentions(got.findings, "counters"));
  BOOST_TEST(got.found.counters.events.parsed == last - 1);
  BOOST_TEST(got.found.counters.events.journaled == last - 1);
  BOOST_TEST(got.found.counters.ingest.received == 0);
}

BOOST_AUTO_TEST_CASE(adds_up_again_when_the_end_of_the_log_is_damaged) {
  put(original::get().closed);
  const auto bytes = look().found.log.bytes;
  put(original::get().closed);
  run_sql(database(), "UPDATE snapshots SET checksum = 1 WHERE name = 'log'");
  const auto got = look();
  BOOST_TEST(got.found.log.bytes == bytes);
  BOOST_TEST(got.found.log.next == last);
}

BOOST_AUTO_TEST_CASE(sets_a_row_with_damaged_numbers_aside) {
  struct {
    const char* change;
    sequence first;
  } cases[] = {
    {"UPDATE batches SET first = 1000000 WHERE first = 201", 1000000},
    {"UPDATE batches SET events = 1 WHERE first = 41", 41},
    {"UPDATE batches SET written = 0 WHERE first = 41", 41},
    {"UPDATE batches SET bytes = 1 << 50 WHERE first = 121", 121},
  };
  for (const auto& x : cases) {
    put(original::get().closed);
    run_sql(database(), x.change);
    const auto got = look();
    BOOST_TEST(got.events.size() == last - oldest - 40, x.change);
    BOOST_TEST(got.found.log.next == last);
    BOOST_TEST(
      mentions(got.findings, fmt::format("event {} is damaged", x.first)),
      x.change);
    BOOST_TEST(ask_sql(database(), "SELECT first FROM damaged")
               == std::to_string(x.first));
  }
}

BOOST_AUTO_TEST_CASE(does_not_free_a_row_with_damaged_numbers) {
  put(original::get().closed);
  run_sql(database(), "UPDATE batches SET written = 0 WHERE first = 41");
  auto log = ready_in(tmp);
  auto x = commit_of(last, last);
  x.done = 100;
  auto done = log->write(x).value();
  BOOST_TEST(mentions(done.findings, "event 41 is damaged"));
  BOOST_TEST(done.log.oldest == 81);
  BOOST_TEST(ask_sql(database(), "SELECT count(*) FROM damaged") == "1");
}

BOOST_AUTO_TEST_CASE(repairs_what_breaks_while_it_works) {
  for (const auto by_writing : {true, false}) {
    put(original::get().closed);
    auto log = ready_in(tmp);
    auto x = commit_of(last, last + 10);
    x.readers = {{"slack", at(last)}};
    x.counters.events.parsed = last + 9;
    x.counters.events.journaled = last + 9;
    BOOST_REQUIRE(log->write(x));
    // Another's commit makes the store forget what it has read of the file.
    run_sql(database(), "PRAGMA wal_checkpoint(TRUNCATE)");
    auto bytes = contents(database());
    std::fill(bytes.begin() + page_size, bytes.end(), '\x5a');
    write_file(database(), bytes);
    run_sql(database(), "PRAGMA user_version = 1");
    std::vector<std::string> findings;
    if (by_writing) {
      x = commit_of(last + 10, last + 20);
      x.done = 100;
      const auto done = log->write(x);
      BOOST_REQUIRE_MESSAGE(done, done.error().what);
      findings = done->findings;
    } else {
      const auto got = log->read(oldest, last, 1000);
      BOOST_REQUIRE_MESSAGE(got, got.error().what);
      findings = got->findings;
    }
    BOOST_TEST(mentions(findings, "was repaired"));
    // What the store knew is not lost.
    log.reset();
    const auto found = open_in(tmp)->recover().value();
    BOOST_TEST((found.readers.at("slack") == at(last)));
    BOOST_TEST((found.readers.at("teams") == at(2, {{5, 6}})));
    BOOST_TEST(found.log.next == (by_writing ? last + 20 : last + 10));
  }
}

BOOST_AUTO_TEST_CASE(finishes_or_undoes_a_repair_that_was_cut_short) {
  const auto& sound = original::get().closed.database;
  const auto repaired = database() + ".repaired";
  // While it was being made.
  put(original::get().closed);
  write_file(repaired, sound.substr(0, 20'000));
  write_file(database() + ".patched", "x");
  auto got = look();
  BOOST_TEST(got.is_whole());
  BOOST_TEST(got.findings.empty());
  BOOST_TEST(files_in(tmp / "data", "journal")
             == std::vector<std::string>{"journal.db"});
  // After the damaged one was moved, but not yet its log.
  put({sound, original::get().killed.wal});
  fs::rename(database(), repaired);
  got = look();
  BOOST_TEST(got.is_whole());
  BOOST_TEST(mentions(got.findings, "cut short"));
  BOOST_TEST(files_in(tmp / "data", "journal.damaged-").size() == 1);
  // After both were.
  put(original::get().closed);
  fs::rename(database(), repaired);
  got = look();
  BOOST_TEST(got.is_whole());
  BOOST_TEST(mentions(got.findings, "cut short"));
}

BOOST_AUTO_TEST_CASE(gives_up_when_repairs_do_not_help) {
  // A file that cannot be replaced: somebody made a directory of its name.
  put(original::get().closed);
  auto log = ready_in(tmp);
  for (int i = 0; i < 4; ++i) {
    write_file(database(), "no database");
    write_file(database() + "-wal", "");
    const auto got = log->read(1, last, 1000);
    if (!got) {
      BOOST_TEST((got.error().kind == errc::file));
      BOOST_TEST(got.error().what.find("move '" + database() + "' away")
                 != std::string::npos);
      BOOST_TEST(i >= 2);
    }
  }
  BOOST_TEST(!log->read(1, last, 1000));
}

BOOST_AUTO_TEST_CASE(leaves_a_later_version_alone) {
  put(original::get().closed);
  run_sql(database(), "UPDATE snapshots SET content = '7', checksum = 7 WHERE "
                      "name = 'version'; PRAGMA user_version = 7");
  const auto before = contents(database());
  const auto got = look();
  BOOST_TEST(got.found.log.next == 1);
  BOOST_TEST(mentions(got.findings, "run the later version"));
  const auto kept = files_in(tmp / "data", "journal.newer-version-7-");
  BOOST_REQUIRE(kept.size() == 1);
  BOOST_TEST(mentions(got.findings, kept[0]));
  BOOST_TEST((contents(path(kept[0])) == before));
}

BOOST_AUTO_TEST_CASE(does_not_take_a_flipped_bit_for_a_later_version) {
  put(original::get().closed);
  run_sql(database(), "PRAGMA user_version = 65537");
  const auto got = look();
  BOOST_TEST(got.is_whole());
  BOOST_TEST(mentions(got.findings, "was repaired"));
}

BOOST_AUTO_TEST_CASE(makes_its_tables_in_an_empty_database) {
  run_sql(database(), "PRAGMA journal_mode = WAL; PRAGMA user_version = 0");
  BOOST_TEST(look().findings.empty());
  BOOST_TEST(ask_sql(database(), "PRAGMA user_version")
             == std::to_string(schema_version()));
}

BOOST_AUTO_TEST_SUITE_END()
