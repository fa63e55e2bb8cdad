// Reads the log, piece by piece.
#pragma once

#include "storage/sqlite/database.hpp"
#include "storage/store.hpp"

#include <cstddef>

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
  statement select_;
};

} // namespace signalbox::storage
