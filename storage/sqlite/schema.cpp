#include "storage/sqlite/schema.hpp"

#include <fmt/format.h>

#include <array>
#include <xxhash.h>

namespace signalbox::storage {

namespace {

// Comments in the statements are kept by SQLite: `.schema` shows them.
constexpr const char* version_1 = R"(
CREATE TABLE batches (      -- the log: events that somebody still needs
  first INTEGER PRIMARY KEY,  -- number of the first event
  events INTEGER NOT NULL,    -- their number; they have no gaps
  bytes INTEGER NOT NULL,     -- of the blob
  written INTEGER NOT NULL,   -- milliseconds since 1970, UTC
  checksum INTEGER NOT NULL,  -- of the columns before
  blob BLOB NOT NULL          -- docs/architecture.md; has its own checksum
);
CREATE TABLE readers (      -- how far destinations and others have come
  name TEXT PRIMARY KEY,
  next INTEGER NOT NULL,      -- done with every event before it,
  beyond TEXT NOT NULL,       -- and with these: "12-13,17-17", both included
  not_matched INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  folded INTEGER NOT NULL,
  dead_lettered INTEGER NOT NULL,
  expired INTEGER NOT NULL,
  dropped INTEGER NOT NULL,
  checksum INTEGER NOT NULL   -- of all other columns
);
CREATE TABLE snapshots (    -- what the engine knew at the last commit
  name TEXT PRIMARY KEY,
  content BLOB NOT NULL,
  checksum INTEGER NOT NULL   -- of all other columns
);
CREATE TABLE dead_letters ( -- events that a destination gave up
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  destination TEXT NOT NULL,
  reason TEXT NOT NULL,
  requested INTEGER NOT NULL, -- 1: somebody wants it sent again
  buried INTEGER NOT NULL,    -- milliseconds since 1970, UTC
  attempts INTEGER NOT NULL,
  events INTEGER NOT NULL,    -- how many it stands for
  answer TEXT NOT NULL,       -- the last one
  event_id TEXT NOT NULL,     -- empty, as the next two, for a digest
  checksum INTEGER NOT NULL,  -- of all other columns, plus "requested"
  event TEXT NOT NULL,        -- for people: JSON
  history TEXT NOT NULL,      -- attempts as JSON: [{"at":1700000000000,...}]
  blob BLOB NOT NULL          -- the event itself, as in "batches"
);
CREATE INDEX dead_letters_by_destination ON dead_letters (destination, id);
CREATE TABLE damaged (      -- batches that could not be read, set aside
  first INTEGER NOT NULL,
  events INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  reason TEXT NOT NULL,
  found INTEGER NOT NULL,     -- milliseconds since 1970, UTC
  blob BLOB NOT NULL
);
)";

/// Step N makes version N + 1 of version N.
constexpr std::array steps{version_1};

/// Of the row in `snapshots` that holds the version.
std::uint64_t version_digest() {
  return digest_of(std::string_view{"version"}, std::to_string(steps.size()));
}

} // namespace

std::uint64_t schema_version() noexcept {
  return steps.size();
}

result<void> migrate(database& db) {
  const auto found = db.number("PRAGMA user_version");
  if (!found)
    return tl::unexpected(found.error());
  if (*found == steps.size())
    return {};
  if (*found > steps.size()) {
    // The number has no checksum, but a row of ours says it once more.
    const auto row = fmt::format("SELECT count(*) FROM snapshots WHERE name = "
                                 "'version' AND content = '{0}' AND checksum = "
                                 "{1}",
                                 steps.size(), version_digest());
    if (db.number(row).value_or(0) > 0)
      return fail(errc::malformed,
                  fmt::format("'{}' is damaged (its version is not {})",
                              db.path(), *found));
    return fail(errc::not_available,
                fmt::format("'{}' is of version {}, which this program does "
                            "not know",
                            db.path(), *found));
  }
  auto change = transaction::begin(db);
  if (!change)
    return tl::unexpected(change.error());
  for (auto i = *found; i < steps.size(); ++i)
    if (auto done = db.exec(steps[i]); !done)
      return done;
  auto done = db.exec(fmt::format("PRAGMA user_version = {0};"
                                  "INSERT OR REPLACE INTO snapshots VALUES "
                                  "('version', '{0}', {1})",
                                  steps.size(), version_digest()));
  if (!done)
    return done;
  return change->commit();
}

// -- row_digest ---------------------------------------------------------------

std::uint64_t row_digest::value() const noexcept {
  // Two bits less than there are: the sum with `requested` stays a positive
  // number in SQLite.
  return XXH3_64bits(bytes_.data(), bytes_.size()) >> 2U;
}

void row_digest::add(std::uint64_t x) {
  for (int i = 0; i < 8; ++i, x >>= 8U)
    bytes_ += static_cast<char>(x);
}

void row_digest::add(std::string_view x) {
  add(std::uint64_t{x.size()});
  bytes_ += x;
}

} // namespace signalbox::storage
