#include "storage/sqlite/write_commit.hpp"

#include <fmt/format.h>

#include <utility>

namespace signalbox::storage {

namespace {

result<void> write_positions(writer_connection& to, const commit& x) {
  for (const auto& [name, where] : x.readers)
    if (auto done = to.positions.save(name, where); !done)
      return done;
  for (const auto& name : x.gone)
    if (auto done = to.positions.forget(name); !done)
      return done;
  return {};
}

/// Answers how many letters had to leave.
result<std::uint64_t> write_letters(writer_connection& to, const commit& x,
                                    const sqlite_options& keep) {
  auto dropped = to.letters.make_room(x.buried.size(), keep.max_letters);
  if (!dropped)
    return dropped;
  for (const auto& letter : x.buried)
    if (auto done = to.letters.bury(letter); !done)
      return tl::unexpected(done.error());
  for (const auto id : x.absolved)
    if (auto done = to.letters.absolve(id); !done)
      return tl::unexpected(done.error());
  return dropped;
}

} // namespace

result<committed> write_commit(writer_connection& to, const commit& x,
                               const sqlite_options& keep,
                               const log_totals& before) {
  committed out;
  out.totals = before;
  auto& totals = out.totals;
  auto change = transaction::begin(to.db);
  if (!change)
    return tl::unexpected(change.error());
  if (auto done = to.batches.append(x.batches, x.now, totals); !done)
    return tl::unexpected(done.error());
  if (auto done = write_positions(to, x); !done)
    return tl::unexpected(done.error());
  auto dropped = write_letters(to, x, keep);
  if (!dropped)
    return tl::unexpected(dropped.error());
  out.letters_dropped = *dropped;
  for (const auto first : x.damaged)
    if (auto done = to.batches.set_aside(first, x.now, totals); !done)
      return tl::unexpected(done.error());
  const log_bounds bounds{x.done, x.max_bytes,
                          to_milliseconds(x.now - x.max_age)};
  auto damaged = to.batches.free(bounds, x.now, totals);
  if (!damaged)
    return tl::unexpected(damaged.error());
  for (const auto& row : *damaged)
    out.findings.push_back(
      fmt::format("the batch that begins with event {} is damaged (checksum of "
                  "the row): set aside in the table 'damaged'",
                  row.first));
  if (auto done = to.snapshots.save("ledger", to_json(x.counters)); !done)
    return tl::unexpected(done.error());
  const log_snapshot log{x.next, totals.bytes};
  if (auto done = to.snapshots.save("log", to_json(log)); !done)
    return tl::unexpected(done.error());
  if (auto done = change->commit(); !done)
    return tl::unexpected(done.error());
  return out;
}

} // namespace signalbox::storage
