#include "storage/sqlite/salvage.hpp"

#include "storage/sqlite/carve.hpp"
#include "storage/sqlite/journal_files.hpp"
#include "storage/sqlite/table_walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::storage {

namespace {

/// Findings that are kept about one table; more are only counted.
constexpr std::size_t most_findings = 20;

class findings {
public:
  void add(std::string x) {
    if (said_.size() < most_findings)
      said_.push_back(std::move(x));
    else
      ++more_;
  }

  void move_to(std::vector<std::string>& to) && {
    for (auto& x : said_)
      to.push_back(std::move(x));
    if (more_ > 0)
      to.push_back(fmt::format("and {} more of the kind", more_));
  }

private:
  std::vector<std::string> said_;
  std::size_t more_ = 0;
};

/// Batches: each is looked into.
class batches_salvage {
public:
  result<void> run(database& from, database& to, findings& said) {
    auto done = to.prepare({
      {&insert_, "INSERT OR IGNORE INTO batches VALUES (?1, ?2, ?3, ?4, ?5, "
                 "?6)"},
      {&set_aside_, "INSERT INTO damaged VALUES (?1, ?2, ?3, ?4, ?5, ?6)"},
      {&end_before_, "SELECT first + events FROM batches WHERE first <= ?1 "
                     "ORDER BY first DESC LIMIT 1"},
    });
    if (!done)
      return done;
    const auto readable = from.prepare({
      {&row_, "SELECT first, events, bytes, written, checksum, blob FROM "
              "batches WHERE first = ?1"},
      {&numbers_, "SELECT first, events, bytes, written, checksum FROM "
                  "batches WHERE first = ?1"},
    });
    if (!readable) {
      said.add("no event that waited could be read: they are lost");
      return {};
    }
    const auto unreachable = walk_table(
      from, "batches", [&](std::uint64_t first) { return visit(first, said); });
    if (!unreachable)
      return tl::unexpected(unreachable.error());
    if (unreachable->empty())
      return {};
    // Where the rows before begin and end, before others come between them.
    std::vector<sequence> begins;
    for (const auto& x : *unreachable) {
      const auto end = end_before(x.after);
      if (!end)
        return tl::unexpected(end.error());
      begins.push_back(*end);
    }
    const auto saved = carve(from, *unreachable);
    if (!saved)
      return tl::unexpected(saved.error());
    for (std::size_t i = 0; i < begins.size(); ++i) {
      const auto& before = (*unreachable)[i].before;
      if (before && *before <= begins[i])
        continue;
      const auto which =
        before ? fmt::format("events {} to {}", begins[i], *before - 1)
               : fmt::format("events from {} on", begins[i]);
      said.add(fmt::format("the table no longer leads to {}: of those that "
                           "waited, {} batches were saved, the rest is lost",
                           which, (*saved)[i]));
    }
    return {};
  }

private:
  result<visited> visit(std::uint64_t first, findings& said) {
    batch_row row;
    {
      auto answer = numbers_.query(first);
      const auto found = answer.next();
      if (found && *found)
        row = batch_row_in(answer);
    }
    if (!row.intact) {
      said.add(fmt::format("the batch that begins with event {} is damaged "
                           "(checksum of the row): it is lost",
                           first));
      return visited::doubted;
    }
    auto answer = row_.query(first);
    if (const auto found = answer.next(); !found || !*found) {
      said.add(fmt::format("events {} to {} could not be read: they are lost",
                           row.first, row.end() - 1));
      return visited::trusted;
    }
    auto why = batch_in(answer).map([](const auto&) {});
    if (why && row.first < end_)
      why = fail(errc::malformed, "repeats events");
    if (!why)
      return set_aside(answer, row, why.error().what, said);
    if (auto done = insert_.run_with(answer, 6); !done)
      return tl::unexpected(done.error());
    end_ = row.end();
    return visited::trusted;
  }

  result<visited> set_aside(const rows& from, const batch_row& row,
                            const std::string& why, findings& said) {
    said.add(fmt::format("events {} to {} are damaged ({}): set aside in the "
                         "table 'damaged'",
                         row.first, row.end() - 1, why));
    const auto blob = from.text(5);
    auto done = set_aside_.run(
      row.first, row.events, blob.size(), why,
      to_milliseconds(std::chrono::system_clock::now()), blob_view{blob});
    if (!done)
      return tl::unexpected(done.error());
    return visited::trusted;
  }

  /// Saves what is still on pages that the table no longer leads to; answers
  /// how many rows, for each range.
  result<std::vector<std::size_t>>
  carve(const database& from, const std::vector<unreachable_keys>& where) {
    std::vector<std::size_t> saved(where.size());
    const auto take = [&](const batch_row& row,
                          const std::string& blob) -> result<void> {
      const auto missed =
        std::ranges::find_if(where, [&](const unreachable_keys& x) {
          return row.first > x.after && (!x.before || row.first < *x.before);
        });
      if (missed == where.end() || !batch_in(row, blob))
        return {};
      const auto end = end_before(row.end() - 1);
      if (!end)
        return tl::unexpected(end.error());
      if (*end > row.first) // Pages that are free now may hold it once more.
        return {};
      ++saved[static_cast<std::size_t>(missed - where.begin())];
      return insert_.run(row.first, row.events, row.bytes, row.written,
                         checksum_of(row), blob_view{blob});
    };
    const auto& path = from.path();
    if (auto done = carve_batches(path, page_size_of(path), take); !done)
      return tl::unexpected(done.error());
    return saved;
  }

  /// Of the last row that was saved up to this key.
  result<sequence> end_before(std::uint64_t first) {
    auto answer = end_before_.query(first);
    const auto found = answer.next();
    if (!found)
      return tl::unexpected(found.error());
    return *found ? answer.number(0) : 1;
  }

  statement insert_;
  statement set_aside_;
  statement end_before_;
  statement row_;
  statement numbers_;
  sequence end_ = 1;
};

using row_check = bool (*)(const rows&);

/// Rows of another table, as they are, unless they are damaged. Answers how
/// many are lost for sure.
result<std::uint64_t> copy_rows(database& from, database& to,
                                std::string_view table,
                                std::string_view columns, int count,
                                row_check check) {
  std::string values = "?1";
  for (int i = 2; i <= count; ++i)
    fmt::format_to(std::back_inserter(values), ", ?{}", i);
  auto insert = to.prepare(fmt::format("INSERT OR IGNORE INTO {} ({}) VALUES "
                                       "({})",
                                       table, columns, values));
  if (!insert)
    return tl::unexpected(insert.error());
  auto row = from.prepare(fmt::format("SELECT {} FROM {} NOT INDEXED WHERE "
                                      "rowid = ?1",
                                      columns, table));
  if (!row)
    return 1;
  std::uint64_t lost = 0;
  const auto unreachable =
    walk_table(from, table, [&](std::uint64_t rowid) -> result<visited> {
      auto answer = row->query(rowid);
      const auto found = answer.next();
      if (!found || !*found || (check != nullptr && !check(answer))) {
        ++lost;
        return visited::doubted;
      }
      if (auto done = insert->run_with(answer, count); !done)
        return tl::unexpected(done.error());
      // A row that the table does not take is none.
      if (to.changes() == 0)
        ++lost;
      return visited::trusted;
    });
  if (!unreachable)
    return tl::unexpected(unreachable.error());
  return lost + unreachable->size();
}

/// Rows whose names are only left in the table's index: damaged ones, so that
/// these readers begin again rather than be unknown. Answers how many.
result<std::uint64_t> name_lost_readers(database& from, database& to) {
  auto insert =
    to.prepare("INSERT OR IGNORE INTO readers VALUES (?1, 1, '', 0, "
               "0, 0, 0, 0, 0, 0)");
  if (!insert)
    return tl::unexpected(insert.error());
  auto names = from.prepare("SELECT name FROM readers ORDER BY name");
  std::uint64_t named = 0;
  if (!names)
    return named;
  auto answer = names->query();
  for (;;) {
    const auto more = answer.next();
    if (!more || !*more)
      return named;
    if (auto done = insert->run(answer.text(0)); !done)
      return tl::unexpected(done.error());
    named += to.changes();
  }
}

/// What the log amounts to is no longer what its snapshot says.
result<void> correct_log(database& to) {
  auto snapshots = snapshot_rows::prepare(to);
  if (!snapshots)
    return tl::unexpected(snapshots.error());
  const auto saved = snapshots->load("log");
  if (!saved)
    return tl::unexpected(saved.error());
  auto log =
    saved->content ? log_from(*saved->content) : std::optional<log_snapshot>{};
  if (!log)
    return {};
  const auto bytes = add_up_bytes(to);
  if (!bytes)
    return tl::unexpected(bytes.error());
  log->bytes = *bytes;
  return snapshots->save("log", to_json(*log));
}

} // namespace

result<salvaged> salvage(database& from, database& to) {
  salvaged out;
  {
    findings said;
    batches_salvage batches;
    if (auto done = batches.run(from, to, said); !done)
      return tl::unexpected(done.error());
    std::move(said).move_to(out.lost);
  }
  const auto copy = [&](std::string_view table, std::string_view columns,
                        int count, row_check check) -> result<std::uint64_t> {
    auto lost = copy_rows(from, to, table, columns, count, check);
    if (!lost)
      return tl::unexpected(lost.error());
    if (*lost > 0)
      out.lost.push_back(fmt::format("rows of the table '{}' could not be "
                                     "read, or are damaged: they are lost",
                                     table));
    return *lost;
  };
  const auto places =
    copy("readers",
         "name, next, beyond, not_matched, delivered, folded, "
         "dead_lettered, expired, dropped, checksum",
         10, nullptr);
  if (!places)
    return tl::unexpected(places.error());
  const auto named = name_lost_readers(from, to);
  if (!named)
    return tl::unexpected(named.error());
  out.places_lost = *places > *named;
  if (auto done = copy("snapshots", "name, content, checksum", 3, nullptr);
      !done)
    return tl::unexpected(done.error());
  if (auto done = copy("dead_letters", letter_columns, 13, is_intact_letter);
      !done)
    return tl::unexpected(done.error());
  if (auto done = copy("damaged", "first, events, bytes, reason, found, blob",
                       6, nullptr);
      !done)
    return tl::unexpected(done.error());
  if (auto done = correct_log(to); !done)
    return tl::unexpected(done.error());
  return out;
}

} // namespace signalbox::storage
