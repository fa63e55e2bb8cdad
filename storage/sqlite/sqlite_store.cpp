#include "storage/sqlite/sqlite_store.hpp"

#include "storage/sqlite/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <sys/stat.h>

namespace signalbox::storage {

namespace {

constexpr mode_t for_its_owner = 0600; // user names are personal data

std::string file_of(const std::string& directory) {
  return directory + "/journal.db";
}

/// Sees to it that there is a file, and that only its owner reads it.
result<void> make_file(const std::string& path) {
  const auto fd =
    ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, for_its_owner);
  if (fd < 0)
    return fail(errc::file,
                fmt::format("cannot open '{}': {}", path,
                            std::generic_category().message(errno)));
  ::close(fd);
  return {};
}

/// What was on its way when the picture was taken never reached the journal.
void settle(ledger& x) {
  x.ingest.received -= std::min(x.ingest.received, x.ingest.in_flight);
  x.ingest.in_flight = 0;
  x.events.parsed -= std::min(x.events.parsed, x.events.in_flight);
  x.events.in_flight = 0;
}

/// Books that say nothing but how many events were journaled.
ledger books_of(sequence next) {
  ledger x;
  x.events.parsed = next - 1;
  x.events.journaled = next - 1;
  return x;
}

} // namespace

result<std::unique_ptr<sqlite_store>> sqlite_store::open(options opts) {
  auto lock = directory_lock::take(opts.directory);
  if (!lock)
    return tl::unexpected(lock.error());
  return std::unique_ptr<sqlite_store>{
    new sqlite_store{std::move(opts), *std::move(lock)}};
}

sqlite_store::sqlite_store(options opts, directory_lock lock)
  : opts_(std::move(opts)), lock_(std::move(lock)) {
  // nop
}

// -- connections --------------------------------------------------------------

std::string sqlite_store::settings() {
  return fmt::format("PRAGMA page_size = {};"
                     "PRAGMA journal_mode = WAL;"
                     "PRAGMA synchronous = FULL;"
                     "PRAGMA cache_size = -2048;"
                     "PRAGMA temp_store = MEMORY;"
                     "PRAGMA journal_size_limit = {};"
                     "PRAGMA wal_autocheckpoint = {};"
                     "PRAGMA secure_delete = OFF;"
                     "PRAGMA cell_size_check = ON;",
                     page_size, 64U << 20U, (16U << 20U) / page_size);
}

result<void> sqlite_store::open_writer() {
  const auto path = file_of(opts_.directory);
  if (auto made = make_file(path); !made)
    return made;
  auto db = database::open(path, database::access::read_write);
  if (!db)
    return tl::unexpected(db.error());
  if (auto done = db->exec(settings()); !done)
    return done;
  if (auto done = migrate(*db); !done)
    return done;
  auto batches = batch_rows::prepare(*db);
  if (!batches)
    return tl::unexpected(batches.error());
  auto letters = letter_rows::prepare(*db);
  if (!letters)
    return tl::unexpected(letters.error());
  auto positions = position_rows::prepare(*db);
  if (!positions)
    return tl::unexpected(positions.error());
  auto snapshots = snapshot_rows::prepare(*db);
  if (!snapshots)
    return tl::unexpected(snapshots.error());
  writer_.emplace(writer{*std::move(db), *std::move(batches),
                         *std::move(letters), *std::move(positions),
                         *std::move(snapshots)});
  return {};
}

result<void> sqlite_store::open_reader() {
  auto db =
    database::open(file_of(opts_.directory), database::access::read_only);
  if (!db)
    return tl::unexpected(db.error());
  if (auto done = db->exec("PRAGMA cache_size = -1024;"
                           "PRAGMA temp_store = MEMORY;"
                           "PRAGMA cell_size_check = ON;");
      !done)
    return done;
  auto log = log_reader::prepare(*db);
  if (!log)
    return tl::unexpected(log.error());
  reader_.emplace(reader{*std::move(db), *std::move(log)});
  return {};
}

// -- recovery -----------------------------------------------------------------

result<recovered> sqlite_store::recover() {
  const std::scoped_lock guard{writing_, reading_};
  return try_recover();
}

result<recovered> sqlite_store::try_recover() {
  recovered out;
  writer_.reset();
  if (auto opened = open_writer(); !opened)
    return tl::unexpected(opened.error());
  auto totals = find_ends(writer_->db);
  if (!totals)
    return tl::unexpected(totals.error());
  auto positions = load_positions(writer_->db);
  if (!positions)
    return tl::unexpected(positions.error());

  auto log = writer_->snapshots.load("log");
  if (!log)
    return tl::unexpected(log.error());
  const auto snapshot =
    log->content ? log_from(*log->content) : std::optional<log_snapshot>{};
  if (snapshot) {
    totals->bytes = snapshot->bytes;
  } else {
    auto bytes = add_up_bytes(writer_->db);
    if (!bytes)
      return tl::unexpected(bytes.error());
    totals->bytes = *bytes;
  }
  auto next = std::max(snapshot ? snapshot->next : 1, totals->end);
  for (const auto& [name, x] : positions->readers) {
    next = std::max(next, x.where.next);
    if (!x.where.beyond.empty())
      next = std::max(next, x.where.beyond.back().end);
  }

  auto books = writer_->snapshots.load("ledger");
  if (!books)
    return tl::unexpected(books.error());
  auto counters =
    books->content ? ledger_from(*books->content) : std::optional<ledger>{};
  if (counters) {
    settle(*counters);
    out.counters = *std::move(counters);
  } else {
    if (next > 1)
      out.findings.push_back("the counters in the table 'snapshots' are "
                             "damaged or missing: they begin again");
    out.counters = books_of(next);
  }

  const auto oldest = totals->oldest.value_or(next);
  out.readers = std::move(positions->readers);
  for (const auto& name : positions->damaged) {
    out.findings.push_back(
      fmt::format("the position of '{}' in the table 'readers' is damaged: it "
                  "begins again with event {}, so that events may come twice",
                  name, oldest));
    out.readers[name] = restart_at(oldest);
  }
  totals_ = *totals;
  next_ = next;
  out.log = {oldest, next, totals_.bytes};
  return out;
}

// -- writing ------------------------------------------------------------------

result<written> sqlite_store::write(const commit& x) {
  const std::scoped_lock guard{writing_};
  auto done = try_write(x);
  // A file that could not be used may be used again later, by a new connection.
  if (!done && done.error().kind == errc::file)
    writer_.reset();
  return done;
}

result<written> sqlite_store::try_write(const commit& x) {
  if (!writer_)
    if (auto opened = open_writer(); !opened)
      return tl::unexpected(opened.error());
  auto& to = *writer_;
  auto change = transaction::begin(to.db);
  if (!change)
    return tl::unexpected(change.error());
  written out;
  auto totals = totals_;
  const auto steps = [&]() -> result<void> {
    if (auto done = to.batches.append(x.batches, x.now, totals); !done)
      return done;
    for (const auto& [name, where] : x.readers)
      if (auto done = to.positions.save(name, where); !done)
        return done;
    for (const auto& name : x.gone)
      if (auto done = to.positions.forget(name); !done)
        return done;
    if (!x.buried.empty()) {
      auto dropped = to.letters.make_room(x.buried.size());
      if (!dropped)
        return tl::unexpected(dropped.error());
      if (*dropped > 0 && !letters_dropped_)
        out.findings.push_back(
          fmt::format("there are more than {} dead letters: the oldest are "
                      "deleted from now on",
                      letter_rows::most));
    }
    for (const auto& letter : x.buried)
      if (auto done = to.letters.bury(letter); !done)
        return done;
    for (const auto id : x.absolved)
      if (auto done = to.letters.absolve(id); !done)
        return done;
    for (const auto first : x.damaged)
      if (auto done =
            to.batches.set_aside(first, "found while reading", x.now, totals);
          !done)
        return done;
    log_bounds bounds;
    bounds.done = x.done;
    bounds.most_bytes = opts_.drop_oldest ? opts_.max_bytes : ~std::uint64_t{0};
    bounds.too_old = to_milliseconds(x.now - opts_.max_age);
    auto damaged = to.batches.free(bounds, x.now, totals);
    if (!damaged)
      return tl::unexpected(damaged.error());
    for (const auto& row : *damaged)
      out.findings.push_back(
        fmt::format("the batch that begins with event {} is damaged (checksum "
                    "of the row): set aside in the table 'damaged'",
                    row.first));
    if (auto done = to.snapshots.save("ledger", to_json(x.counters)); !done)
      return done;
    if (auto done =
          to.snapshots.save("log", to_json(log_snapshot{x.next, totals.bytes}));
        !done)
      return done;
    return change->commit();
  };
  if (auto done = steps(); !done)
    return tl::unexpected(done.error());
  totals_ = totals;
  next_ = x.next;
  letters_dropped_ = letters_dropped_ || !out.findings.empty();
  out.log = {totals_.oldest.value_or(next_), next_, totals_.bytes};
  return out;
}

// -- reading ------------------------------------------------------------------

result<reading> sqlite_store::read(sequence from, sequence until,
                                   std::size_t max_events) {
  const std::scoped_lock guard{reading_};
  auto done = try_read(from, until, max_events);
  if (!done)
    reader_.reset();
  return done;
}

result<reading> sqlite_store::try_read(sequence from, sequence until,
                                       std::size_t max_events) {
  if (!reader_)
    if (auto opened = open_reader(); !opened)
      return tl::unexpected(opened.error());
  return reader_->log.read(from, until, max_events);
}

// -- letters ------------------------------------------------------------------

result<letter_page> sqlite_store::letters(const letter_query& which) {
  const std::scoped_lock guard{reading_};
  auto found = try_letters(which);
  if (!found) {
    reader_.reset();
    return tl::unexpected(found.error());
  }
  return std::move(found->page);
}

result<letters_found> sqlite_store::try_letters(const letter_query& which) {
  if (!reader_)
    if (auto opened = open_reader(); !opened)
      return tl::unexpected(opened.error());
  return find_letters(reader_->db, which);
}

result<std::uint64_t> sqlite_store::mark(const letter_query& which) {
  return change_letters(which, mark_letters);
}

result<std::uint64_t> sqlite_store::purge(const letter_query& which) {
  return change_letters(which, purge_letters);
}

result<std::uint64_t> sqlite_store::change_letters(const letter_query& which,
                                                   letter_change change) {
  const std::scoped_lock guard{writing_};
  if (!writer_)
    if (auto opened = open_writer(); !opened)
      return tl::unexpected(opened.error());
  return change(writer_->db, which);
}

} // namespace signalbox::storage
