#include "storage/sqlite/log_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace signalbox::storage {

namespace {

/// Damaged rows that are remembered, so that each is named once.
constexpr std::size_t most_reported = 10'000;

std::string finding(const batch_row& x, const failure& why) {
  const auto which =
    x.intact && x.events > 0
      ? fmt::format("events {} to {} are", x.first, x.end() - 1)
      : fmt::format("the batch that begins with event {} is", x.first);
  return fmt::format("{} damaged ({}): set aside in the table 'damaged'", which,
                     why.what);
}

} // namespace

result<log_reader> log_reader::prepare(database& db) {
  log_reader x;
  auto done = db.prepare({
    // From the row that holds `from`, which may begin before it.
    {&x.select_,
     "SELECT first, events, bytes, written, checksum, blob FROM batches WHERE "
     "first >= coalesce((SELECT max(first) FROM batches WHERE first <= ?1), 0) "
     "AND first < ?2 ORDER BY first"},
    {&x.before_, "SELECT first, events, bytes, written, checksum FROM batches "
                 "WHERE first < ?1 ORDER BY first DESC LIMIT 1"},
  });
  if (!done)
    return tl::unexpected(done.error());
  return x;
}

result<reading> log_reader::read(sequence from, sequence until,
                                 std::size_t max_events) {
  reading out;
  out.piece.from = from;
  out.piece.end = until;
  std::size_t events = 0;
  std::size_t bytes = 0;
  auto seen = from; // what is before it has been looked at
  auto answer = select_.query(from, until);
  for (;;) {
    const auto more = answer.next();
    if (!more)
      return tl::unexpected(more.error());
    const auto row = *more ? batch_row_in(answer) : batch_row{};
    const auto reached = *more ? row.first : until;
    if (seen < reached)
      if (auto done = confirm_gap(seen, reached); !done)
        return tl::unexpected(done.error());
    if (!*more)
      return out;
    if (row.intact && row.end() <= from)
      continue;
    auto batch = batch_in(answer);
    if (!batch) {
      seen = std::max(seen, row.intact ? row.end() : row.first + 1);
      out.damaged.push_back(row.first);
      if (reported_.size() >= most_reported)
        reported_.clear();
      if (reported_.insert(row.first).second)
        out.findings.push_back(finding(row, batch.error()));
      continue;
    }
    seen = row.end();
    events += row.events;
    bytes += row.bytes;
    out.piece.batches.push_back({row.first, *std::move(batch)});
    if (events >= max_events || bytes >= most_read) {
      out.piece.end = std::min(row.end(), until);
      return out;
    }
  }
}

/// The tree of a table can be damaged so that a row is not found by its key,
/// while there is nothing wrong with its neighbours. So where rows seem to be
/// missing, it is walked once more, the other way.
result<void> log_reader::confirm_gap(sequence from, sequence until) {
  auto answer = before_.query(until);
  const auto found = answer.next();
  if (!found)
    return tl::unexpected(found.error());
  if (!*found)
    return {};
  const auto row = batch_row_in(answer);
  if (row.first >= until || (row.intact && row.end() > from))
    return not_found(row.first);
  return {};
}

} // namespace signalbox::storage
