#include "storage/sqlite/batch_rows.hpp"

#include "formats/batch_blob.hpp"
#include "storage/sqlite/letters.hpp"
#include "storage/sqlite/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace signalbox::storage {

std::uint64_t checksum_of(const batch_row& x) {
  return digest_of(x.first, x.events, x.bytes, x.written);
}

tl::unexpected<failure> not_found(sequence first) {
  return fail(errc::malformed,
              fmt::format("the journal is damaged (the batch that begins with "
                          "event {} is there, but not found)",
                          first));
}

batch_row batch_row_in(const rows& row) {
  batch_row x{row.number(0), row.number(1), row.number(2), row.number(3)};
  x.intact = row.number(4) == checksum_of(x);
  return x;
}

result<event_batch_builder> batch_in(const batch_row& x, std::string blob) {
  if (!x.intact)
    return fail(errc::malformed, "checksum of the row");
  auto batch = decode_blob(std::move(blob), x.first);
  if (batch && (*batch)->events.size() != x.events)
    return fail(errc::malformed, "another number of events");
  return batch;
}

result<event_batch_builder> batch_in(const rows& row) {
  return batch_in(batch_row_in(row), std::string{row.text(5)});
}

result<batch_rows> batch_rows::prepare(database& db) {
  batch_rows x;
  auto done = db.prepare({
    {&x.insert_, "INSERT INTO batches VALUES (?1, ?2, ?3, ?4, ?5, ?6)"},
    {&x.oldest_, "SELECT first, events, bytes, written, checksum FROM batches "
                 "ORDER BY first LIMIT ?1"},
    {&x.free_, "DELETE FROM batches WHERE first <= ?1"},
    {&x.find_, "SELECT first, events, bytes, written, checksum FROM batches "
               "WHERE first = ?1"},
    {&x.copy_, "INSERT INTO damaged SELECT first, events, bytes, ?2, ?3, blob "
               "FROM batches WHERE first = ?1"},
    {&x.remove_, "DELETE FROM batches WHERE first = ?1"},
    {&x.forget_, "DELETE FROM damaged WHERE rowid <= (SELECT max(rowid) FROM "
                 "damaged) - 1000"},
  });
  if (!done)
    return tl::unexpected(done.error());
  return x;
}

result<void> batch_rows::append(const std::vector<stored_batch>& batches,
                                wall_time now, log_totals& totals) {
  blob_writer row{0};
  sequence first = 0; // of the row; its end is that plus its events
  const auto flush = [&]() -> result<void> {
    if (row.events() == 0)
      return {};
    const auto events = row.events();
    return insert(first, events, row.finish(), now, totals);
  };
  for (const auto& batch : batches) {
    auto at = std::max(batch.first, totals.end);
    if (row.events() > 0)
      at = std::max(batch.first, first + row.events());
    for (; at < batch.end(); ++at) {
      const auto next = first + row.events();
      if (row.events() == 0 || at != next || row.events() >= most_events
          || row.bytes() >= most_bytes) {
        if (auto done = flush(); !done)
          return done;
        row = blob_writer{at};
        first = at;
      }
      row.add(batch.batch->events[at - batch.first]);
    }
  }
  return flush();
}

result<void> batch_rows::insert(sequence first, std::uint64_t events,
                                const std::string& blob, wall_time now,
                                log_totals& totals) {
  const batch_row x{first, events, blob.size(), to_milliseconds(now)};
  auto done = insert_.run(x.first, x.events, x.bytes, x.written, checksum_of(x),
                          blob_view{blob});
  if (!done)
    return done;
  if (!totals.oldest) {
    totals.oldest = first;
    totals.oldest_written = x.written;
  }
  totals.end = x.end();
  totals.bytes += x.bytes;
  return {};
}

result<std::vector<batch_row>>
batch_rows::free(const log_bounds& bounds, wall_time now, log_totals& totals) {
  std::vector<batch_row> damaged;
  if (!totals.oldest
      || (bounds.done <= *totals.oldest && totals.bytes <= bounds.most_bytes
          && totals.oldest_written >= bounds.too_old))
    return damaged;
  sequence last = 0;
  std::size_t freed = 0;
  auto bytes = totals.bytes;
  auto read = [&]() -> result<void> {
    auto answer = oldest_.query(most_freed);
    for (;;) {
      const auto more = answer.next();
      if (!more)
        return tl::unexpected(more.error());
      if (!*more)
        return {};
      const auto row = batch_row_in(answer);
      if (!row.intact) {
        // Who knows what it holds: it is set aside, not deleted.
        damaged.push_back(row);
        continue;
      }
      if (row.end() > bounds.done && bytes <= bounds.most_bytes
          && row.written >= bounds.too_old)
        return {};
      ++freed;
      last = row.first;
      bytes -= std::min(bytes, row.bytes);
    }
  }();
  if (!read)
    return tl::unexpected(read.error());
  for (const auto& row : damaged) {
    const auto done = set_aside(row.first, now, totals);
    if (!done)
      return tl::unexpected(done.error());
    if (!*done)
      return not_found(row.first);
  }
  if (freed > 0) {
    if (auto done = free_.run(last); !done)
      return tl::unexpected(done.error());
    totals.bytes = bytes;
  }
  if (auto done = find_oldest(totals); !done)
    return tl::unexpected(done.error());
  return damaged;
}

result<bool> batch_rows::set_aside(sequence first, wall_time now,
                                   log_totals& totals) {
  std::uint64_t bytes = 0;
  std::string reason;
  {
    auto answer = find_.query(first);
    const auto found = answer.next();
    if (!found)
      return tl::unexpected(found.error());
    if (!*found)
      return false;
    bytes = answer.text(5).size();
    const auto batch = batch_in(answer);
    reason = batch ? "could not be read at first" : batch.error().what;
  }
  if (auto done = copy_.run(first, reason, to_milliseconds(now)); !done)
    return tl::unexpected(done.error());
  if (auto done = remove_.run(first); !done)
    return tl::unexpected(done.error());
  if (auto done = forget_.run(); !done)
    return tl::unexpected(done.error());
  totals.bytes -= std::min(totals.bytes, bytes);
  if (auto done = find_oldest(totals); !done)
    return tl::unexpected(done.error());
  return true;
}

result<void> batch_rows::find_oldest(log_totals& totals) {
  auto answer = oldest_.query(1);
  const auto found = answer.next();
  if (!found)
    return tl::unexpected(found.error());
  totals.oldest.reset();
  totals.oldest_written = 0;
  if (*found) {
    const auto row = batch_row_in(answer);
    totals.oldest = row.first;
    totals.oldest_written = row.written;
  }
  return {};
}

result<log_ends> find_ends(database& db) {
  log_ends x;
  const auto look = [&](std::string_view sql, auto f) -> result<void> {
    auto asked = db.prepare(sql);
    if (!asked)
      return tl::unexpected(asked.error());
    auto answer = asked->query();
    const auto found = answer.next();
    if (!found)
      return tl::unexpected(found.error());
    if (*found)
      f(batch_row_in(answer));
    return {};
  };
  auto done = look("SELECT first, events, bytes, written, checksum FROM "
                   "batches ORDER BY first LIMIT 1",
                   [&](const batch_row& row) {
                     x.totals.oldest = row.first;
                     x.totals.oldest_written = row.written;
                   });
  if (!done)
    return tl::unexpected(done.error());
  done = look("SELECT first, events, bytes, written, checksum FROM batches "
              "ORDER BY first DESC LIMIT 1",
              [&](const batch_row& row) {
                x.totals.end = row.end();
                if (!row.intact)
                  x.damaged_last = row.first;
              });
  if (!done)
    return tl::unexpected(done.error());
  return x;
}

result<std::uint64_t> add_up_bytes(database& db) {
  // Not of `bytes`, which has not been checked.
  return db.number("SELECT coalesce(sum(length(blob)), 0) FROM batches");
}

} // namespace signalbox::storage
