// Reads the log, piece by piece.
#pragma once

#include "storage/sqlite/batch_rows.hpp"
#include "storage/sqlite/database.hpp"
#include "storage/store.hpp"

#include <cstddef>
#include <set>

namespace signalbox::storage {

/// A piece ends behind so many bytes of blobs, whatever was asked for.
inline constexpr std::size_t most_read = std::size_t{1} << 20U;

/// Belongs to a connection that only reads.
class log_reader {
public:
  static result<log_reader> prepare(database& db);

  /// As `store::read`.
  result<reading> read(sequence from, sequence until, std::size_t max_events);

private:
  result<void> confirm_gap(sequence from, sequence until);

  statement select_;
  statement before_;
  std::set<sequence> reported_; ///< Damaged rows that a finding has named.
};

} // namespace signalbox::storage
