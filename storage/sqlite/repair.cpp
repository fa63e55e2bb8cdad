#include "storage/sqlite/repair.hpp"

#include "storage/sqlite/salvage.hpp"
#include "storage/sqlite/schema.hpp"
#include "storage/sqlite/wal_check.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

namespace signalbox::storage {

namespace fs = std::filesystem;

namespace {

/// Makes a database for a repair to fill. It may be lost in a crash until it is
/// closed and synced, but needs room only once.
result<database> make_database(const std::string& path, std::uint32_t size) {
  journal_files::remove_database(path);
  if (auto made = make_file(path); !made)
    return tl::unexpected(made.error());
  auto db = database::open(path, database::access::read_write);
  if (!db)
    return db;
  auto done = db->exec(fmt::format("PRAGMA page_size = {};"
                                   "PRAGMA journal_mode = OFF;"
                                   "PRAGMA synchronous = OFF;"
                                   "PRAGMA temp_store = MEMORY;",
                                   size));
  if (!done)
    return tl::unexpected(done.error());
  if (done = migrate(*db); !done)
    return tl::unexpected(done.error());
  return db;
}

/// Opens a damaged database, if its first page says what it is.
std::optional<database> open_damaged(const std::string& path) {
  auto db = database::open(path, database::access::read_only);
  if (!db)
    return std::nullopt;
  db->checkpoint_on_close(false);
  // Whatever is wrong with the definition of a table, those of others may do.
  if (!db->exec("PRAGMA writable_schema = ON;"
                "PRAGMA cell_size_check = ON;"
                "PRAGMA temp_store = MEMORY;"))
    return std::nullopt;
  for (const auto* table :
       {"batches", "readers", "snapshots", "dead_letters", "damaged"})
    if (!db->prepare(fmt::format("SELECT count(*) FROM {}", table)))
      return std::nullopt;
  return *std::move(db);
}

/// Copies a database, but for its first page, which is the same in all
/// databases of ours apart from some numbers: `donor` lends it.
bool patch_first_page(const std::string& from, const std::string& to,
                      const std::string& donor, std::uint32_t size) {
  std::error_code error;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (error)
    return false;
  fs::copy_file(from + "-wal", to + "-wal",
                fs::copy_options::overwrite_existing, error);
  std::string page(size, '\0');
  if (!std::ifstream{donor, std::ios::binary}.read(page.data(), size))
    return false;
  // https://www.sqlite.org/fileformat2.html#the_database_header: the number of
  // pages is that of the file when the change counter (24) differs from the one
  // that belongs to it (92); there is no list of free pages (32 to 39).
  // A write-ahead log counts (18, 19).
  page[18] = page[19] = 2;
  for (std::size_t i = 24; i < 28; ++i)
    page[i] = static_cast<char>(page[i + 68] ^ 1);
  for (std::size_t i = 32; i < 40; ++i)
    page[i] = 0;
  mend_wal(to + "-wal", size, page);
  std::fstream out{to, std::ios::binary | std::ios::in | std::ios::out};
  return static_cast<bool>(out.write(page.data(), size).flush());
}

} // namespace

result<repaired>
repair(const journal_files& files, const std::string& why,
       const std::function<result<void>(writer_connection&)>& finish) {
  repaired out{{why}, false};
  // SQLite removes a log that stands alone: the copy has a page before it.
  if (files.is_wal_alone())
    if (auto made = make_file(files.database()); !made)
      return tl::unexpected(made.error());
  const auto size = page_size_of(files.database());
  auto to = make_database(files.repaired(), size);
  if (!to)
    return tl::unexpected(to.error());
  auto from = has_sound_header(files.database()) && !files.is_wal_alone()
                ? open_damaged(files.database())
                : std::nullopt;
  if (!from
      && patch_first_page(files.database(), files.patched(), files.repaired(),
                          size))
    from = open_damaged(files.patched());
  {
    auto change = transaction::begin(*to);
    if (!change)
      return tl::unexpected(change.error());
    if (from) {
      auto saved = salvage(*from, *to);
      if (!saved)
        return tl::unexpected(saved.error());
      out.places_lost = saved->places_lost;
      out.findings.insert(out.findings.end(), saved->lost.begin(),
                          saved->lost.end());
    } else {
      out.places_lost = true;
      out.findings.emplace_back("nothing in it could be read");
    }
    if (auto done = change->commit(); !done)
      return tl::unexpected(done.error());
  }
  from.reset();
  journal_files::remove_database(files.patched());
  {
    auto writer = writer_connection::prepare(*std::move(to));
    if (!writer)
      return tl::unexpected(writer.error());
    if (auto done = finish(*writer); !done)
      return tl::unexpected(done.error());
  }
  if (auto done = sync_file(files.repaired()); !done)
    return tl::unexpected(done.error());

  auto name = files.set_aside("damaged");
  if (!name)
    return tl::unexpected(name.error());
  if (auto done = files.adopt_repaired(); !done)
    return tl::unexpected(done.error());
  out.findings.push_back(
    fmt::format("the journal was repaired; the damaged one is kept "
                "as '{}': check the disk, and delete it when "
                "nothing is missed",
                *name));
  return out;
}

} // namespace signalbox::storage
