#include "tests/storage/sqlite_support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <poll.h>
#include <random>
#include <thread>
#include <unistd.h>

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

using namespace signalbox;
using namespace signalbox::storage;
using namespace signalbox::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// A small file system in memory, as long as its name lives.
class small_disk {
public:
  explicit small_disk(const std::string& where, const char* size)
    : path_(where) {
    fs::create_directory(path_);
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0,
                       fmt::format("size={}", size).c_str())
               == 0;
    if (!mounted_)
      BOOST_TEST_MESSAGE("skipped: mounting is not permitted");
  }

  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;

  ~small_disk() {
    if (mounted_)
      ::umount2(path_.c_str(), MNT_DETACH);
  }

  explicit operator bool() const {
    return mounted_;
  }

  bool make_read_only() {
    return ::mount(nullptr, path_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY,
                   nullptr)
           == 0;
  }

private:
  std::string path_;
  bool mounted_ = false;
};

/// No file may grow beyond it; for instance because of a quota.
class file_size_limit {
public:
  explicit file_size_limit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = ::signal(SIGXFSZ, SIG_IGN);
    auto limit = before_;
    limit.rlim_cur = bytes;
    BOOST_REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }

  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;

  ~file_size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

private:
  rlimit before_{};
  sighandler_t handler_{};
};

/// Appends until that fails; answers the number behind the last event.
sequence fill_up(sqlite_store& log, errc expected) {
  sequence n = 1;
  for (;;) {
    const auto done = log.write(commit_of(n, n + 50, 200));
    if (!done) {
      BOOST_TEST((done.error().kind == expected), done.error().what);
      BOOST_TEST(done.error().what.find("journal.db") != std::string::npos);
      return n;
    }
    n += 50;
    BOOST_REQUIRE(n < 100'000);
  }
}

/// Runs `f` in a process of its own, which is killed after a while.
template <class F>
void run_and_kill(F f, std::chrono::microseconds after) {
  const auto child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    f();
    ::_exit(0);
  }
  std::this_thread::sleep_for(after);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
}

} // namespace

BOOST_AUTO_TEST_CASE(a_full_disk_is_told_and_survived) {
  const temporary_directory tmp;
  const small_disk disk{tmp / "disk", "1m"};
  if (!disk)
    return;
  const auto ballast = tmp / "disk/ballast";
  write_file(ballast, std::string(300'000, 'x'));
  auto log = open_store({.directory = tmp / "disk/data"});
  BOOST_REQUIRE(log->recover());
  const auto end = fill_up(*log, errc::full);
  BOOST_TEST(end > 500);
  // Nothing was changed, and reading goes on.
  BOOST_TEST(!log->write(commit_of(end, end + 50, 200)));
  BOOST_TEST(read_all(*log, 1, end).events.size() == end - 1);
  // With room again, so does writing.
  fs::remove(ballast);
  const auto done = log->write(commit_of(end, end + 50, 200));
  BOOST_REQUIRE_MESSAGE(done, done.error().what);
  BOOST_TEST(done->log.oldest == 1);
  BOOST_TEST(read_all(*log, 1, end + 50).events.size() == end + 49);
  log.reset();
  log = open_store({.directory = tmp / "disk/data"});
  const auto found = log->recover();
  BOOST_REQUIRE_MESSAGE(found, found.error().what);
  BOOST_TEST(found->findings.empty());
  BOOST_TEST(read_all(*log, 1, end + 50).events.size() == end + 49);
}

BOOST_AUTO_TEST_CASE(a_full_disk_at_the_start_is_told) {
  const temporary_directory tmp;
  const small_disk disk{tmp / "disk", "1m"};
  if (!disk)
    return;
  auto log = open_store({.directory = tmp / "disk/data"});
  write_file(tmp / "disk/ballast", std::string(2'000'000, 'x'));
  const auto found = log->recover();
  BOOST_REQUIRE(!found);
  BOOST_TEST((found.error().kind == errc::full), found.error().what);
  fs::remove(tmp / "disk/ballast");
  BOOST_TEST(log->recover().has_value());
  BOOST_TEST(log->write(commit_of(1, 10)).has_value());
}

BOOST_AUTO_TEST_CASE(a_repair_without_room_is_told_and_tried_again) {
  const temporary_directory tmp;
  const small_disk disk{tmp / "disk", "1m"};
  if (!disk)
    return;
  const auto directory = tmp / "disk/data";
  const auto database = directory + "/journal.db";
  auto log = open_store({.directory = directory});
  BOOST_REQUIRE(log->recover());
  for (sequence n = 1; n < 1001; n += 100)
    BOOST_REQUIRE(log->write(commit_of(n, n + 100, 100)));
  log.reset();
  auto bytes = contents(database);
  bytes[40'000] = static_cast<char>(~bytes[40'000]);
  bytes[100] = 0; // The kind of the first page.
  write_file(database, bytes);
  write_file(tmp / "disk/ballast", std::string(2'000'000, 'x'));
  log = open_store({.directory = directory});
  auto found = log->recover();
  BOOST_REQUIRE(!found);
  BOOST_TEST((found.error().kind == errc::full), found.error().what);
  BOOST_TEST((contents(database) == bytes));
  fs::remove(tmp / "disk/ballast");
  found = log->recover();
  BOOST_REQUIRE_MESSAGE(found, found.error().what);
  BOOST_TEST(mentions(found->findings, "was repaired"));
  BOOST_TEST(read_all(*log, 1, 1001).events.size() >= 700);
}

BOOST_AUTO_TEST_CASE(a_medium_that_refuses_is_told_and_survived) {
  const temporary_directory tmp;
  auto log = ready_in(tmp);
  sequence end = 0;
  {
    const file_size_limit limit{300'000};
    end = fill_up(*log, errc::file);
    BOOST_TEST(end > 200);
    BOOST_TEST(!log->write(commit_of(end, end + 50, 200)));
    BOOST_TEST(read_all(*log, 1, end).events.size() == end - 1);
  }
  const auto done = log->write(commit_of(end, end + 50, 200));
  BOOST_REQUIRE_MESSAGE(done, done.error().what);
  BOOST_TEST(read_all(*log, 1, end + 50).events.size() == end + 49);
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_read_only_is_named) {
  const temporary_directory tmp;
  small_disk disk{tmp / "disk", "1m"};
  if (!disk)
    return;
  open_store({.directory = tmp / "disk/data"}).reset();
  BOOST_REQUIRE(disk.make_read_only());
  const auto x = sqlite_store::open({.directory = tmp / "disk/data"});
  BOOST_REQUIRE(!x);
  BOOST_TEST((x.error().kind == errc::file));
  BOOST_TEST(x.error().what.find(tmp / "disk/data") != std::string::npos);
  BOOST_TEST(x.error().what.find("Read-only") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_opened_is_named) {
  const temporary_directory tmp;
  auto log = open_in(tmp);
  fs::create_directory(tmp / "data/journal.db");
  const auto found = log->recover();
  BOOST_REQUIRE(!found);
  BOOST_TEST((found.error().kind == errc::file));
  BOOST_TEST(found.error().what.find("journal.db") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(another_program_that_holds_the_file_is_told) {
  const temporary_directory tmp;
  auto log = ready_in(tmp);
  sqlite3* other = nullptr;
  BOOST_REQUIRE(sqlite3_open((tmp / "data/journal.db").c_str(), &other)
                == SQLITE_OK);
  sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
  const auto done = log->write(commit_of(1, 11));
  BOOST_REQUIRE(!done);
  BOOST_TEST((done.error().kind == errc::file));
  BOOST_TEST(done.error().what.find("another program") != std::string::npos);
  sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr);
  // One that only reads does no harm.
  sqlite3_exec(other, "BEGIN; SELECT * FROM batches", nullptr, nullptr,
               nullptr);
  BOOST_TEST(log->write(commit_of(1, 11)).has_value());
  sqlite3_close(other);
}

BOOST_AUTO_TEST_CASE(what_was_written_survives_a_kill) {
  const temporary_directory tmp;
  std::minstd_rand random{7};
  sequence next = 1;
  int pipe[2];
  BOOST_REQUIRE(::pipe(pipe) == 0);
  for (int round = 0; round < 10; ++round) {
    const auto begin = next;
    run_and_kill(
      [&] {
        auto log = sqlite_store::open({.directory = tmp / "data"});
        if (!log || !(*log)->recover())
          return;
        for (auto n = begin;; n += 10) {
          auto x = commit_of(n, n + 10, 300);
          x.readers = {{"slack", at(n)}};
          x.done = n > 5000 ? n - 5000 : 1;
          if (!(*log)->write(x))
            return;
          const auto end = x.next;
          if (::write(pipe[1], &end, sizeof(end)) != sizeof(end))
            return;
        }
      },
      std::chrono::microseconds{20'000 + random() % 60'000});
    // What it said it had written.
    pollfd waiting{pipe[0], POLLIN, 0};
    sequence said = begin;
    while (::poll(&waiting, 1, 0) == 1)
      BOOST_REQUIRE(::read(pipe[0], &said, sizeof(said)) == sizeof(said));
    auto log = open_in(tmp);
    const auto found = log->recover();
    BOOST_REQUIRE_MESSAGE(found, found.error().what);
    BOOST_TEST(found->findings.empty());
    next = found->log.next;
    BOOST_TEST(next >= said);
    BOOST_TEST(next <= said + 10);
    if (next > 1) {
      BOOST_TEST((found->readers.at("slack") == at(next - 10)));
      BOOST_TEST(read_all(*log, 1, next).events.size()
                 == next - found->log.oldest);
    }
  }
  ::close(pipe[0]);
  ::close(pipe[1]);
  BOOST_TEST(next > 100);
}

BOOST_AUTO_TEST_CASE(a_repair_survives_a_kill) {
  const temporary_directory tmp{memory_or_disk()};
  std::minstd_rand random{8};
  const auto database = tmp / "data/journal.db";
  {
    auto log = ready_in(tmp);
    for (sequence n = 1; n < 2001; n += 100)
      BOOST_REQUIRE(log->write(commit_of(n, n + 100, 500)));
  }
  auto bytes = contents(database);
  bytes[100] = 0; // The kind of the first page.
  for (int round = 0; round < 60; ++round) {
    for (const auto& name : files_in(tmp / "data", "journal"))
      fs::remove(tmp / ("data/" + name));
    write_file(database, bytes);
    const auto recover = [&] {
      auto log = sqlite_store::open({.directory = tmp / "data"});
      if (log)
        static_cast<void>((*log)->recover());
    };
    run_and_kill(recover, std::chrono::microseconds{random() % 12'000});
    run_and_kill(recover, std::chrono::microseconds{random() % 12'000});
    auto log = open_in(tmp);
    const auto found = log->recover();
    BOOST_REQUIRE_MESSAGE(found, found.error().what);
    BOOST_TEST(found->log.next == 2001);
    BOOST_TEST(read_all(*log, 1, 2001).events.size() == 2000);
    // A kill can leave the journal's -wal beside it.
    const auto kept = files_in(tmp / "data", "journal.damaged-");
    BOOST_TEST(
      std::ranges::count_if(
        kept, [](const std::string& name) { return name.ends_with(".db"); })
      == 1);
  }
}

BOOST_AUTO_TEST_CASE(reads_while_it_writes) {
  const temporary_directory tmp{memory_or_disk()};
  auto log = ready_in(tmp);
  std::atomic<sequence> written = 1;
  std::atomic<bool> good = true;
  std::thread writer{[&] {
    for (sequence n = 1; n < 20'000; n += 100) {
      auto x = commit_of(n, n + 100, 100);
      x.buried = {letter_of("slack", n)};
      good = good && log->write(x) && log->mark({});
      written = n + 100;
    }
  }};
  sequence at = 1;
  std::size_t events = 0;
  while (at < 20'001 && good) {
    const auto until = written.load();
    if (at >= until) {
      std::this_thread::yield();
      continue;
    }
    const auto got = log->read(at, until, 1000);
    if (!got || !log->letters({}))
      break;
    for (const auto& batch : got->piece.batches)
      events += batch.batch->events.size();
    at = got->piece.end;
  }
  writer.join();
  BOOST_TEST(good.load());
  BOOST_TEST(at == 20'001);
  BOOST_TEST(events == 20'000);
}
