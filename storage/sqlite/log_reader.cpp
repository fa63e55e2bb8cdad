#include "storage/sqlite/log_reader.hpp"

#include "formats/batch_blob.hpp"
#include "storage/sqlite/batch_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace signalbox::storage {

namespace {

/// The batch in a row, or why there is none.
result<event_batch_builder> batch_in(const rows& row, const batch_row& x) {
  if (!x.intact)
    return fail(errc::malformed, "checksum of the row");
  auto batch = decode_blob(std::string{row.text(5)}, x.first);
  if (batch && (*batch)->events.size() != x.events)
    return fail(errc::malformed, "another number of events");
  return batch;
}

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
  // From the row that holds `from`, which may begin before it.
  auto select = db.prepare(
    "SELECT first, events, bytes, written, checksum, blob FROM batches WHERE "
    "first >= coalesce((SELECT max(first) FROM batches WHERE first <= ?1), 0) "
    "AND first < ?2 ORDER BY first");
  if (!select)
    return tl::unexpected(select.error());
  log_reader x;
  x.select_ = *std::move(select);
  return x;
}

result<reading> log_reader::read(sequence from, sequence until,
                                 std::size_t max_events) {
  reading out;
  out.piece.from = from;
  out.piece.end = until;
  std::size_t events = 0;
  std::size_t bytes = 0;
  auto answer = select_.query(from, until);
  for (;;) {
    const auto more = answer.next();
    if (!more)
      return tl::unexpected(more.error());
    if (!*more)
      return out;
    const auto row = batch_row_in(answer);
    if (row.intact && row.end() <= from)
      continue;
    auto batch = batch_in(answer, row);
    if (!batch) {
      out.damaged.push_back(row.first);
      out.findings.push_back(finding(row, batch.error()));
      continue;
    }
    events += row.events;
    bytes += row.bytes;
    out.piece.batches.push_back({row.first, *std::move(batch)});
    if (events >= max_events || bytes >= most_read) {
      out.piece.end = std::min(row.end(), until);
      return out;
    }
  }
}

} // namespace signalbox::storage
