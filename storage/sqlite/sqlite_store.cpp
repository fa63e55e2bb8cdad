#include "storage/sqlite/sqlite_store.hpp"

#include "storage/sqlite/recovery.hpp"
#include "storage/sqlite/repair.hpp"
#include "storage/sqlite/wal_check.hpp"
#include "storage/sqlite/write_commit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>

namespace signalbox::storage {

namespace {

/// Repairs between two commits; more would not help either.
constexpr int most_repairs = 2;

/// Of the write-ahead log, whose size is looked at now and then.
constexpr std::uint64_t large_wal = std::uint64_t{256} << 20U;
constexpr unsigned commits_between_looks = 64;

/// Findings that wait to be told, and letters that are not named twice.
constexpr std::size_t most_findings = 1'000;

} // namespace

result<std::unique_ptr<sqlite_store>> sqlite_store::open(options opts) {
  auto lock = directory_lock::take(opts.directory);
  if (!lock)
    return tl::unexpected(lock.error());
  return std::unique_ptr<sqlite_store>{
    new sqlite_store{std::move(opts), *std::move(lock)}};
}

sqlite_store::sqlite_store(options opts, directory_lock lock)
  : opts_(std::move(opts)), lock_(std::move(lock)), files_(opts_.directory) {
  // nop
}

sqlite_store::~sqlite_store() {
  // The last connection that closes tidies up, which takes one that may write.
  reader_.reset();
  if (writer_)
    writer_->db.checkpoint_on_close(true);
}

// -- recovery -----------------------------------------------------------------

result<recovered> sqlite_store::recover() {
  const std::scoped_lock guard{writing_, reading_};
  const auto adopted = files_.settle();
  if (!adopted)
    return tl::unexpected(adopted.error());
  if (*adopted)
    find(fmt::format("a repair of '{}' was cut short, and is now complete",
                     files_.database()));
  const auto damaged_wal = inspect_wal();
  if (!damaged_wal)
    return tl::unexpected(damaged_wal.error());
  repairs_ = 0;
  next_ = 0;
  places_lost_ = false;
  for (;;) {
    auto done = try_recover(*damaged_wal);
    if (done) {
      done->places_lost = places_lost_;
      if (places_lost_)
        find(fmt::format("destinations whose place is lost begin again with "
                         "event {}, so that events may come twice",
                         done->log.oldest));
      take_findings(done->findings);
      return done;
    }
    auto solved = result<void>{};
    if (done.error().kind == errc::malformed)
      solved = repair(done.error());
    else if (done.error().kind == errc::not_available)
      solved = make_way_for_ours(done.error());
    else
      return done;
    if (!solved)
      return tl::unexpected(solved.error());
  }
}

result<recovered> sqlite_store::try_recover(bool thorough) {
  reader_.reset();
  writer_.reset();
  if (files_.is_wal_alone())
    return fail(errc::malformed, fmt::format("'{}' is missing or empty, though "
                                             "its write-ahead log is there",
                                             files_.database()));
  if (!has_sound_header(files_.database()))
    return fail(errc::malformed, fmt::format("'{}' is damaged (its first bytes "
                                             "are not those of a journal)",
                                             files_.database()));
  if (auto opened = need_writer(); !opened)
    return tl::unexpected(opened.error());
  auto found = take_stock(*writer_, thorough);
  if (!found)
    return tl::unexpected(found.error());
  totals_ = found->totals;
  positions_ = found->what.readers;
  counters_ = to_json(found->what.counters);
  next_ = found->what.log.next;
  return std::move(found->what);
}

/// True when commits in the write-ahead log are unreadable.
result<bool> sqlite_store::inspect_wal() {
  const auto damage = check_wal(files_.wal(), page_size_of(files_.database()));
  if (damage.commits == 0)
    return false;
  const auto copy = files_.copy_wal();
  if (!copy)
    return tl::unexpected(copy.error());
  mend_wal(files_.wal(), page_size_of(files_.database()));
  if (auto done = sync_file(files_.wal()); !done)
    return tl::unexpected(done.error());
  const auto left = check_wal(files_.wal(), page_size_of(files_.database()));
  const auto lost =
    left.commits == 0
      ? std::string{"it was mended"}
      : fmt::format("the last {} commits cannot be read, and what they held "
                    "is lost",
                    left.commits);
  find(fmt::format("'{}' is damaged (checksum of frame {}): {}; a copy is kept "
                   "as '{}'",
                   files_.wal(), damage.frame, lost, *copy));
  return true;
}

result<void> sqlite_store::make_way_for_ours(const failure& why) {
  reader_.reset();
  writer_.reset();
  std::uint64_t version = 0;
  if (auto db = database::open(files_.database(), database::access::read_only))
    version = db->number("PRAGMA user_version").value_or(0);
  const auto name = files_.set_aside(fmt::format("newer-version-{}", version));
  if (!name)
    return tl::unexpected(name.error());
  find(fmt::format("{}: it is kept as '{}', and a new journal begins; to go on "
                   "with that one, run the later version",
                   why.what, *name));
  return {};
}

result<void> sqlite_store::repair(const failure& why) {
  if (repairs_ >= most_repairs)
    return fail(errc::file,
                fmt::format("{}; repairs did not help: check the disk, then "
                            "move '{}' away and start again",
                            why.what, files_.database()));
  ++repairs_;
  ++generation_;
  reader_.reset();
  writer_.reset();
  const auto restore = [this](writer_connection& to) -> result<void> {
    // Known better than what was saved.
    if (next_ == 0)
      return {};
    auto change = transaction::begin(to.db);
    if (!change)
      return tl::unexpected(change.error());
    auto done = to.db.exec("DELETE FROM readers");
    for (const auto& [name, x] : positions_)
      if (done)
        done = to.positions.save(name, x);
    if (done)
      done = to.snapshots.save("ledger", counters_);
    auto bytes = add_up_bytes(to.db);
    if (!bytes)
      return tl::unexpected(bytes.error());
    if (done)
      done = to.snapshots.save("log", to_json(log_snapshot{next_, *bytes}));
    if (done)
      done = change->commit();
    return done;
  };
  auto words = storage::repair(files_, why.what, restore);
  if (!words)
    return tl::unexpected(words.error());
  for (auto& x : words->findings)
    find(std::move(x));
  if (next_ == 0) {
    places_lost_ = places_lost_ || words->places_lost;
    return {};
  }
  return need_writer();
}

// -- both sides ---------------------------------------------------------------

template <class F>
auto sqlite_store::writing(F attempt) -> decltype(attempt()) {
  const std::scoped_lock guard{writing_};
  auto done = attempt();
  if (!done && done.error().kind == errc::malformed) {
    const std::scoped_lock both{reading_};
    if (auto repaired = repair(done.error()); !repaired)
      return tl::unexpected(repaired.error());
    done = attempt();
  }
  // What is in the write-ahead log may find room in the database, which frees
  // its own.
  if (!done && done.error().kind == errc::full && writer_
      && writer_->db.exec("PRAGMA wal_checkpoint(TRUNCATE)"))
    done = attempt();
  // A file that cannot be used may be usable later, for a new connection.
  if (!done && done.error().kind != errc::full)
    writer_.reset();
  return done;
}

template <class F>
auto sqlite_store::reading_from(F attempt) -> decltype(attempt()) {
  auto generation = std::uint64_t{0};
  auto done = [&] {
    const std::scoped_lock guard{reading_};
    generation = generation_;
    return attempt();
  }();
  if (done)
    return done;
  const std::scoped_lock guard{writing_, reading_};
  reader_.reset();
  if (done.error().kind != errc::malformed)
    return done;
  // Unless the other side has found the same meanwhile.
  if (generation == generation_)
    if (auto repaired = repair(done.error()); !repaired)
      return tl::unexpected(repaired.error());
  return attempt();
}

result<void> sqlite_store::need_writer() {
  if (writer_)
    return {};
  auto opened = writer_connection::open(files_.database());
  if (!opened)
    return tl::unexpected(opened.error());
  if (next_ != 0)
    if (auto known = know_totals(*opened); !known)
      return known;
  writer_.emplace(*std::move(opened));
  return {};
}

/// In the middle of work the file may hold less than before, after a repair, or
/// more, after a commit of which nobody knows whether it failed.
result<void> sqlite_store::know_totals(writer_connection& of) {
  auto ends = find_ends(of.db);
  if (!ends)
    return tl::unexpected(ends.error());
  const auto log = of.snapshots.load("log");
  if (!log)
    return tl::unexpected(log.error());
  const auto snapshot =
    log->content ? log_from(*log->content) : std::optional<log_snapshot>{};
  auto bytes =
    snapshot ? result<std::uint64_t>{snapshot->bytes} : add_up_bytes(of.db);
  if (!bytes)
    return tl::unexpected(bytes.error());
  // What was written once is not written again.
  ends->totals.end = std::max(ends->totals.end, totals_.end);
  totals_ = ends->totals;
  totals_.bytes = *bytes;
  return {};
}

result<void> sqlite_store::need_reader() {
  if (reader_)
    return {};
  auto opened = reader_connection::open(files_.database());
  if (!opened)
    return tl::unexpected(opened.error());
  reader_.emplace(*std::move(opened));
  return {};
}

/// The log goes on growing while another program reads the database: SQLite
/// cannot begin it anew.
void sqlite_store::look_at_wal() {
  std::error_code ignored;
  const auto bytes = std::filesystem::file_size(files_.wal(), ignored);
  if (ignored || bytes < large_wal || std::exchange(wal_reported_, true))
    return;
  find(fmt::format("'{}' has grown to {} MiB: another program reads the "
                   "journal and does not stop; close it",
                   files_.wal(), bytes >> 20U));
}

void sqlite_store::find(std::string finding) {
  const std::scoped_lock guard{finding_};
  if (findings_.size() < most_findings)
    findings_.push_back(std::move(finding));
}

void sqlite_store::take_findings(std::vector<std::string>& to) {
  const std::scoped_lock guard{finding_};
  to.insert(to.begin(), std::make_move_iterator(findings_.begin()),
            std::make_move_iterator(findings_.end()));
  findings_.clear();
}

// -- writing ------------------------------------------------------------------

result<written> sqlite_store::write(const commit& x) {
  auto done = writing([&] { return try_write(x); });
  if (done)
    take_findings(done->findings);
  return done;
}

result<written> sqlite_store::try_write(const commit& x) {
  if (auto opened = need_writer(); !opened)
    return tl::unexpected(opened.error());
  auto done = write_commit(*writer_, x, opts_, totals_);
  if (!done)
    return tl::unexpected(done.error());
  totals_ = done->totals;
  remember(x);
  repairs_ = 0;
  if (++commits_ % commits_between_looks == 0)
    look_at_wal();
  if (done->letters_dropped > 0 && !std::exchange(letters_dropped_, true))
    done->findings.push_back(
      fmt::format("there are more than {} dead letters: the oldest are deleted "
                  "from now on",
                  opts_.max_letters));
  return written{{totals_.oldest.value_or(next_), next_, totals_.bytes},
                 std::move(done->findings)};
}

void sqlite_store::remember(const commit& x) {
  for (const auto& [name, where] : x.readers)
    positions_[name] = where;
  for (const auto& name : x.gone)
    positions_.erase(name);
  counters_ = to_json(x.counters);
  next_ = x.next;
}

// -- reading ------------------------------------------------------------------

result<reading> sqlite_store::read(sequence from, sequence until,
                                   std::size_t max_events) {
  auto done = reading_from([&] { return try_read(from, until, max_events); });
  if (done)
    take_findings(done->findings);
  return done;
}

result<reading> sqlite_store::try_read(sequence from, sequence until,
                                       std::size_t max_events) {
  if (auto opened = need_reader(); !opened)
    return tl::unexpected(opened.error());
  return reader_->log.read(from, until, max_events);
}

// -- letters ------------------------------------------------------------------

result<letter_page> sqlite_store::letters(const letter_query& which) {
  return reading_from([&] { return try_letters(which); });
}

result<letter_page> sqlite_store::try_letters(const letter_query& which) {
  if (auto opened = need_reader(); !opened)
    return tl::unexpected(opened.error());
  auto found = find_letters(reader_->db, which);
  if (!found)
    return tl::unexpected(found.error());
  for (const auto id : found->damaged)
    if (reported_letters_.size() < most_findings
        && reported_letters_.insert(id).second)
      find(
        fmt::format("dead letter {} is damaged (checksum of the row), and is "
                    "not shown",
                    id));
  return std::move(found->page);
}

result<std::uint64_t> sqlite_store::mark(const letter_query& which) {
  return writing([&]() -> result<std::uint64_t> {
    if (auto opened = need_writer(); !opened)
      return tl::unexpected(opened.error());
    return mark_letters(writer_->db, which);
  });
}

result<std::uint64_t> sqlite_store::purge(const letter_query& which) {
  return writing([&]() -> result<std::uint64_t> {
    if (auto opened = need_writer(); !opened)
      return tl::unexpected(opened.error());
    return purge_letters(writer_->db, which);
  });
}

} // namespace signalbox::storage
