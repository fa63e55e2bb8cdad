#include "storage/sqlite/recovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace signalbox::storage {

namespace {

/// Databases up to this size are looked through at each start, which takes some
/// 10 ms.
constexpr std::uint64_t small = std::uint64_t{16} << 20U;

result<void> check_pages(database& db, bool thorough) {
  const auto pages = db.number("PRAGMA page_count");
  if (!pages)
    return tl::unexpected(pages.error());
  const auto size = db.number("PRAGMA page_size");
  if (!size)
    return tl::unexpected(size.error());
  if (!thorough && *pages * *size > small)
    return {};
  auto check = db.prepare("PRAGMA integrity_check(1)");
  if (!check)
    return tl::unexpected(check.error());
  return for_each(check->query(), [&](const rows& row) -> result<void> {
    if (row.text(0) == "ok")
      return {};
    auto words = std::string{row.text(0)};
    std::ranges::replace(words, '\n', ' ');
    return fail(errc::malformed,
                fmt::format("'{}' is damaged ({})", db.path(), words));
  });
}

/// Where the log begins and ends. A last row whose number is damaged would move
/// the end anywhere, so it is set aside.
result<log_totals> find_log(writer_connection& of,
                            std::vector<std::string>& findings) {
  for (;;) {
    auto ends = find_ends(of.db);
    if (!ends)
      return tl::unexpected(ends.error());
    if (ends->damaged_last) {
      auto change = transaction::begin(of.db);
      if (!change)
        return tl::unexpected(change.error());
      const auto first = *ends->damaged_last;
      const auto aside = of.batches.set_aside(
        first, std::chrono::system_clock::now(), ends->totals);
      if (!aside)
        return tl::unexpected(aside.error());
      if (!*aside)
        return not_found(first);
      if (auto done = change->commit(); !done)
        return tl::unexpected(done.error());
      findings.push_back(
        fmt::format("the batch that begins with event {} is damaged (checksum "
                    "of the row): set aside in the table 'damaged'",
                    first));
      continue;
    }
    return ends->totals;
  }
}

/// The positions; rows that are damaged are made anew.
result<std::map<std::string, position>>
find_positions(writer_connection& of, sequence oldest,
               std::vector<std::string>& findings) {
  auto found = load_positions(of.db);
  if (!found)
    return tl::unexpected(found.error());
  if (found->damaged.empty())
    return std::move(found->readers);
  for (const auto& name : found->damaged) {
    findings.push_back(
      fmt::format("the position of '{}' in the table 'readers' is damaged: it "
                  "begins again with event {}, so that events may come twice",
                  name, oldest));
    found->readers[name] = restart_at(oldest);
  }
  auto change = transaction::begin(of.db);
  if (!change)
    return tl::unexpected(change.error());
  auto done = of.db.exec("DELETE FROM readers");
  for (const auto& [name, x] : found->readers)
    if (done)
      done = of.positions.save(name, x);
  if (done)
    done = change->commit();
  if (!done)
    return tl::unexpected(done.error());
  return std::move(found->readers);
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

result<left_behind> take_stock(writer_connection& of, bool thorough) {
  left_behind out;
  auto& findings = out.what.findings;
  if (auto done = check_pages(of.db, thorough); !done)
    return tl::unexpected(done.error());
  auto totals = find_log(of, findings);
  if (!totals)
    return tl::unexpected(totals.error());
  auto log = of.snapshots.load("log");
  if (!log)
    return tl::unexpected(log.error());
  const auto snapshot =
    log->content ? log_from(*log->content) : std::optional<log_snapshot>{};
  // After damage the sum may be another.
  auto bytes = snapshot && findings.empty() && !thorough ? snapshot->bytes
                                                         : add_up_bytes(of.db);
  if (!bytes)
    return tl::unexpected(bytes.error());
  totals->bytes = *bytes;

  auto next = std::max(snapshot ? snapshot->next : 1, totals->end);
  auto readers = find_positions(of, totals->oldest.value_or(next), findings);
  if (!readers)
    return tl::unexpected(readers.error());
  for (const auto& [name, x] : *readers) {
    next = std::max(next, x.where.next);
    if (!x.where.beyond.empty())
      next = std::max(next, x.where.beyond.back().end);
  }
  out.what.readers = *std::move(readers);

  auto books = of.snapshots.load("ledger");
  if (!books)
    return tl::unexpected(books.error());
  auto counters =
    books->content ? ledger_from(*books->content) : std::optional<ledger>{};
  if (!counters && next > 1)
    findings.emplace_back(
      "the counters in the table 'snapshots' are damaged or "
      "missing: they begin again");
  out.what.counters = counters ? *std::move(counters) : books_of(next);
  settle(out.what.counters);

  out.totals = *totals;
  out.what.log = {totals->oldest.value_or(next), next, totals->bytes};
  return out;
}

} // namespace signalbox::storage
