#include "storage/sqlite/connections.hpp"

#include "storage/sqlite/journal_files.hpp"
#include "storage/sqlite/schema.hpp"

#include <fmt/format.h>

#include <utility>

namespace signalbox::storage {

namespace {

/// The log is copied into the database when it has so many bytes.
constexpr unsigned wal_bytes = 16U << 20U;

/// What remains of the log's file when it has once become larger.
constexpr unsigned wal_file_bytes = 64U << 20U;

} // namespace

std::string settings() {
  return fmt::format("PRAGMA page_size = {};"
                     "PRAGMA journal_mode = WAL;"
                     "PRAGMA synchronous = FULL;"
                     "PRAGMA cache_size = -256;" // KiB
                     "PRAGMA temp_store = MEMORY;"
                     "PRAGMA journal_size_limit = {};"
                     "PRAGMA wal_autocheckpoint = {};"
                     // Debian's SQLite overwrites what is deleted, which is not
                     // worth its price: rows live for seconds.
                     "PRAGMA secure_delete = OFF;"
                     "PRAGMA cell_size_check = ON;",
                     page_size, wal_file_bytes, wal_bytes / page_size);
}

// -- writer_connection --------------------------------------------------------

result<writer_connection> writer_connection::open(const std::string& path) {
  if (auto made = make_file(path); !made)
    return tl::unexpected(made.error());
  auto db = database::open(path, database::access::read_write);
  if (!db)
    return tl::unexpected(db.error());
  db->checkpoint_on_close(false);
  if (auto done = db->exec(settings()); !done)
    return tl::unexpected(done.error());
  if (auto done = migrate(*db); !done)
    return tl::unexpected(done.error());
  return prepare(*std::move(db));
}

result<writer_connection> writer_connection::prepare(database db) {
  auto batches = batch_rows::prepare(db);
  if (!batches)
    return tl::unexpected(batches.error());
  auto letters = letter_rows::prepare(db);
  if (!letters)
    return tl::unexpected(letters.error());
  auto positions = position_rows::prepare(db);
  if (!positions)
    return tl::unexpected(positions.error());
  auto snapshots = snapshot_rows::prepare(db);
  if (!snapshots)
    return tl::unexpected(snapshots.error());
  return writer_connection{std::move(db), *std::move(batches),
                           *std::move(letters), *std::move(positions),
                           *std::move(snapshots)};
}

// -- reader_connection --------------------------------------------------------

result<reader_connection> reader_connection::open(const std::string& path) {
  auto db = database::open(path, database::access::read_only);
  if (!db)
    return tl::unexpected(db.error());
  auto done = db->exec("PRAGMA cache_size = -512;" // KiB
                       "PRAGMA temp_store = MEMORY;"
                       "PRAGMA cell_size_check = ON;");
  if (!done)
    return tl::unexpected(done.error());
  auto log = log_reader::prepare(*db);
  if (!log)
    return tl::unexpected(log.error());
  return reader_connection{*std::move(db), *std::move(log)};
}

} // namespace signalbox::storage
