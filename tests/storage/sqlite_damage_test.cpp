#include "storage/sqlite/schema.hpp"
#include "tests/storage/sqlite_support.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <set>

using namespace signalbox;
using namespace signalbox::storage;
using namespace signalbox::test;
namespace fs = std::filesystem;

namespace {

/// As the address sanitizer is slow, it sees fewer of the many cases.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t slowness = 20;
#else
constexpr std::size_t slowness = 1;
#endif

constexpr sequence last = 241;
constexpr sequence oldest = 41;
constexpr std::uint64_t letters = 6;

/// Events, positions and letters; some of it freed again.
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

/// A database that was closed as it should be.
class pristine {
public:
  pristine() {
    {
      const temporary_directory tmp{memory_or_disk()};
      auto log = ready_in(tmp);
      fill(*log);
      log.reset();
      bytes_ = contents(tmp / "data/journal.db");
      BOOST_REQUIRE(files_in(tmp / "data", "journal").size() == 1);
    }
    BOOST_REQUIRE(bytes_.size() % page_size == 0);
    fs::create_directory(tmp_ / "data");
  }

  [[nodiscard]] const std::string& bytes() const {
    return bytes_;
  }

  struct outcome {
    recovered found;
    std::set<sequence> events;
    std::vector<std::string> findings;
    std::uint64_t letters = 0;
  };

  /// Recovers from a file that has become `bytes`, and reads all of it.
  outcome recover_from(std::string_view bytes, std::string_view wal = {}) {
    for (const auto& name : files_in(tmp_ / "data", "journal"))
      fs::remove(path(name));
    write_file(tmp_ / "data/journal.db", bytes);
    if (!wal.empty())
      write_file(tmp_ / "data/journal.db-wal", wal);
    outcome out;
    auto log = open_in(tmp_);
    auto found = log->recover();
    BOOST_REQUIRE_MESSAGE(found, found.error().what);
    out.found = *found;
    out.findings = found->findings;
    BOOST_REQUIRE(found->counters.imbalance() == 0);
    BOOST_REQUIRE(found->log.next <= last);
    for (const auto& [name, where] : found->readers)
      BOOST_REQUIRE(where.where.next <= last);
    auto events = read_all(*log, 1, last);
    out.events = std::move(events.events);
    const auto page = log->letters({});
    BOOST_REQUIRE_MESSAGE(page, page.error().what);
    for (const auto& x : page->letters)
      BOOST_REQUIRE(x.what->user_id == user_of(x.id * 40 - 39));
    out.letters = page->letters.size();
    // What was found aside is set aside, and work goes on.
    auto x = commit_of(last, last + 1);
    x.damaged = events.damaged;
    const auto done = log->write(x);
    BOOST_REQUIRE_MESSAGE(done, done.error().what);
    events.findings.insert(events.findings.end(), done->findings.begin(),
                           done->findings.end());
    out.findings.insert(out.findings.end(), events.findings.begin(),
                        events.findings.end());
    return out;
  }

  /// All is as it was.
  static bool is_whole(const outcome& x) {
    return x.events.size() == last - oldest && x.letters == letters
           && x.found.readers.size() == 2
           && x.found.readers.at("slack") == at(last - 40)
           && x.found.counters.events.parsed == last - 1;
  }

  [[nodiscard]] std::string path(const std::string& name) const {
    return tmp_ / ("data/" + name);
  }

private:
  temporary_directory tmp_{memory_or_disk()};
  std::string bytes_;
};

} // namespace

BOOST_AUTO_TEST_CASE(no_flipped_byte_is_ever_delivered) {
  pristine db;
  const auto& sound = db.bytes();
  BOOST_TEST(db.is_whole(db.recover_from(sound)));
  if (getenv("QUICK")) {
    for (int i = 0; i < 1000; ++i)
      db.recover_from(sound);
    return;
  }
  const auto pages = sound.size() / page_size;
  BOOST_TEST_MESSAGE(pages << " pages");
  std::size_t silent = 0;
  std::size_t cases = 0;
  for (std::size_t page = 0; page < pages; ++page) {
    // The last two pages byte by byte, the others here and there.
    const auto step = (page + 2 >= pages ? 1 : 37) * slowness;
    for (auto i = page * page_size; i < (page + 1) * page_size; i += step) {
      auto bytes = sound;
      bytes[i] = static_cast<char>(bytes[i] ^ (1 << (i % 8)));
      const auto x = db.recover_from(bytes);
      ++cases;
      if (!db.is_whole(x) && x.findings.empty()) {
        ++silent;
        BOOST_TEST_MESSAGE("byte " << i << " of page " << page);
      }
    }
  }
  BOOST_TEST_MESSAGE(cases << " cases");
  BOOST_TEST(silent == 0);
}
