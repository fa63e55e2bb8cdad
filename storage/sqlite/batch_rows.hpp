// The table of batches: the log.
#pragma once

#include "messages/clock.hpp"
#include "messages/log.hpp"
#include "storage/sqlite/database.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::storage {

/// What the rows amount to, kept in memory so that no commit has to count.
struct log_totals {
  std::optional<sequence> oldest;   ///< Of the first row; absent without any.
  std::uint64_t oldest_written = 0; ///< Of the first row; milliseconds.
  sequence end = 1; ///< Of the last row that there ever was; what is before it
                    ///< has been written once.
  std::uint64_t bytes = 0;
};

/// A row, apart from its blob.
struct batch_row {
  sequence first = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  std::uint64_t written = 0;
  bool intact = false; ///< The checksum fits the numbers.

  [[nodiscard]] sequence end() const noexcept {
    return first + events;
  }
};

/// What belongs into the column `checksum`.
std::uint64_t checksum_of(const batch_row& x);

/// What stands in a row of the columns first, events, bytes, written, checksum.
batch_row batch_row_in(const rows& row);

/// The batch in a row and its blob, or why it is damaged.
result<event_batch_builder> batch_in(const batch_row& x, std::string blob);

/// The same for a row of those columns and `blob`.
result<event_batch_builder> batch_in(const rows& row);

/// Which rows may leave.
struct log_bounds {
  sequence done = 1;            ///< Events before it are needed no more.
  std::uint64_t most_bytes = 0; ///< Of all rows.
  std::uint64_t too_old = 0;    ///< Written before it; milliseconds.
};

/// Writes to the table. Each call belongs into a transaction, and changes
/// `totals` accordingly; they are to be thrown away when it is rolled back.
class batch_rows {
public:
  /// A row ends behind so many events, or so many bytes.
  static constexpr std::size_t most_events = 256;
  static constexpr std::size_t most_bytes = std::size_t{256} << 10U;

  /// Rows that one commit frees, so that none takes long; the next one goes on.
  static constexpr std::size_t most_freed = 1024;

  static result<batch_rows> prepare(database& db);

  /// Puts batches together into rows. Leaves out events that were written
  /// before: a commit may come twice.
  result<void> append(const std::vector<stored_batch>& batches, wall_time now,
                      log_totals& totals);

  /// Deletes the oldest rows, as far as the bounds allow. Answers the rows that
  /// it set aside, since their numbers are damaged.
  result<std::vector<batch_row>> free(const log_bounds& bounds, wall_time now,
                                      log_totals& totals);

  /// Moves a row into the table `damaged`, which has a bound. False when there
  /// is no such row.
  result<bool> set_aside(sequence first, wall_time now, log_totals& totals);

private:
  result<void> insert(sequence first, std::uint64_t events,
                      const std::string& blob, wall_time now,
                      log_totals& totals);
  result<void> find_oldest(log_totals& totals);

  statement insert_;
  statement oldest_;
  statement free_;
  statement find_;
  statement copy_;
  statement remove_;
  statement forget_;
};

/// A row was seen that is not found by its key: the table has to be repaired.
tl::unexpected<failure> not_found(sequence first);

struct log_ends {
  log_totals totals; ///< Without `bytes`.
  /// The key of the last row, if its numbers are damaged.
  std::optional<sequence> damaged_last;
};

/// Reads the first row and the last.
result<log_ends> find_ends(database& db);

/// Adds up all rows.
result<std::uint64_t> add_up_bytes(database& db);

} // namespace signalbox::storage
