// The embedded store alone: what a durable event costs, beside SQLite without
// us and beside a plain file, and how fast a backlog is found and read again.
// It works in the current directory, whose disk is what it measures.
#include "bench/micro/sample_events.hpp"
#include "formats/batch_blob.hpp"
#include "storage/sqlite/connections.hpp"
#include "storage/sqlite/sqlite_store.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using namespace signalbox;
using storage::sqlite_store;

/// Somebody is that far behind, so that rows are written, and freed later.
constexpr sequence lag = 50'000;

class work_directory {
public:
  work_directory() {
    std::string pattern = "journal-bench-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr)
      std::abort();
    path_ = pattern;
  }

  work_directory(const work_directory&) = delete;
  work_directory& operator=(const work_directory&) = delete;

  ~work_directory() {
    std::filesystem::remove_all(path_);
  }

  [[nodiscard]] std::string operator/(const char* name) const {
    return path_ + "/" + name;
  }

private:
  std::string path_;
};

/// The process's own time, in nanoseconds.
double cpu_time() {
  timespec x{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &x);
  return static_cast<double>(x.tv_sec) * 1e9 + static_cast<double>(x.tv_nsec);
}

/// Reports events a second, and what one costs.
class meter {
public:
  explicit meter(benchmark::State& state) : state_(state), begin_(cpu_time()) {
    // nop
  }

  meter(const meter&) = delete;
  meter& operator=(const meter&) = delete;

  ~meter() {
    const auto took = cpu_time() - begin_;
    state_.SetItemsProcessed(static_cast<std::int64_t>(events));
    state_.counters["cpu_ns/event"] = took / static_cast<double>(events);
  }

  std::uint64_t events = 0;

private:
  benchmark::State& state_;
  double begin_;
};

/// Batches that make up one commit.
std::vector<event_batch_ptr> batches_for(std::size_t events, std::size_t each) {
  std::vector<event_batch_ptr> xs;
  for (std::size_t i = 0; i < events; i += each)
    xs.push_back(bench::sample_events(each));
  return xs;
}

storage::commit commit_at(sequence first,
                          const std::vector<event_batch_ptr>& batches) {
  storage::commit x;
  x.next = first;
  for (const auto& batch : batches) {
    x.batches.push_back({x.next, batch});
    x.next += batch->events.size();
  }
  x.done = x.next > lag ? x.next - lag : 1;
  for (const auto* name : {"slack", "teams", "mqtt"})
    x.readers.emplace_back(name, position{{x.done, {}}, {}});
  x.now = wall_time{std::chrono::seconds{1'700'000'000}};
  return x;
}

std::unique_ptr<sqlite_store> open_store(const std::string& directory) {
  auto opened = sqlite_store::open({.directory = directory});
  if (!opened || !(*opened)->recover())
    std::abort();
  return *std::move(opened);
}

std::string blob_of(const event_batch& batch) {
  blob_writer out{1};
  for (const auto& x : batch.events)
    out.add(x);
  return out.finish();
}

/// Arguments: events of a commit, events of a batch.
void write_store(benchmark::State& state) {
  const work_directory tmp;
  const auto batches = batches_for(static_cast<std::size_t>(state.range(0)),
                                   static_cast<std::size_t>(state.range(1)));
  const auto store = open_store(tmp / "data");
  sequence next = 1;
  meter count{state};
  while (state.KeepRunning()) {
    const auto x = commit_at(next, batches);
    if (const auto done = store->write(x); !done)
      return state.SkipWithError(done.error().what.c_str());
    count.events += x.next - next;
    next = x.next;
  }
}

/// The same bytes, readily made, in one row, with the same settings.
void write_sqlite(benchmark::State& state) {
  using namespace storage;
  const work_directory tmp;
  const auto events = static_cast<std::uint64_t>(state.range(0));
  const auto blob = blob_of(*bench::sample_events(events));
  const auto path = tmp / "plain.db";
  ::close(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  auto db = *database::open(path, database::access::read_write);
  statement insert;
  statement remove;
  if (!db.exec(settings())
      || !db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, x BLOB)")
      || !db.prepare({{&insert, "INSERT INTO t VALUES (?1, ?2)"},
                      {&remove, "DELETE FROM t WHERE id < ?1"}}))
    std::abort();
  std::uint64_t id = 0;
  const auto kept = lag / events;
  meter count{state};
  while (state.KeepRunning()) {
    ++id;
    auto change = transaction::begin(db);
    if (!change || !insert.run(id, blob_view{blob})
        || !remove.run(id > kept ? id - kept : 0) || !change->commit())
      return state.SkipWithError("cannot write");
    count.events += events;
  }
}

/// The same bytes, readily made, at the end of a file.
void write_file(benchmark::State& state) {
  const work_directory tmp;
  const auto events = static_cast<std::uint64_t>(state.range(0));
  const auto blob = blob_of(*bench::sample_events(events));
  const auto path = tmp / "plain";
  const auto fd = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  meter count{state};
  while (state.KeepRunning()) {
    if (::write(fd, blob.data(), blob.size())
          != static_cast<ssize_t>(blob.size())
        || ::fdatasync(fd) != 0)
      return state.SkipWithError("cannot write");
    count.events += events;
  }
  ::close(fd);
}

void sizes(benchmark::internal::Benchmark* x) {
  x->UseRealTime()->Unit(benchmark::kMicrosecond);
  x->Args({256, 4})->Args({1024, 64});
}
BENCHMARK(write_store)->Apply(sizes);
BENCHMARK(write_sqlite)->Apply(sizes);
BENCHMARK(write_file)->Apply(sizes);

/// A million events that wait, and the directory that holds them.
const std::string& backlog() {
  static const work_directory tmp;
  static const auto directory = [] {
    auto path = tmp / "data";
    const auto store = open_store(path);
    const auto batches = batches_for(1024, 64);
    for (sequence next = 1; next < 1'000'000; next += 1024) {
      auto x = commit_at(next, batches);
      x.done = 1;
      if (!store->write(x))
        std::abort();
    }
    return path;
  }();
  return directory;
}

void recover_backlog(benchmark::State& state) {
  const auto& directory = backlog();
  meter count{state};
  while (state.KeepRunning()) {
    auto store = sqlite_store::open({.directory = directory});
    const auto found = (*store)->recover();
    if (!found || found->log.oldest != 1)
      return state.SkipWithError("cannot recover");
    count.events += found->log.next - 1;
  }
}
BENCHMARK(recover_backlog)->UseRealTime()->Unit(benchmark::kMillisecond);

void read_backlog(benchmark::State& state) {
  const auto store = open_store(backlog());
  meter count{state};
  while (state.KeepRunning()) {
    for (sequence at = 1; at < 1'000'000;) {
      const auto got = store->read(at, 1'000'000, 1024);
      if (!got || got->piece.batches.empty())
        return state.SkipWithError("cannot read");
      count.events += got->piece.end - at;
      at = got->piece.end;
    }
  }
}
BENCHMARK(read_backlog)->UseRealTime()->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
