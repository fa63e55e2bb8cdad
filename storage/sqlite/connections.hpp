// The two connections of a store to its file: one writes, one reads.
#pragma once

#include "storage/sqlite/batch_rows.hpp"
#include "storage/sqlite/database.hpp"
#include "storage/sqlite/letters.hpp"
#include "storage/sqlite/log_reader.hpp"
#include "storage/sqlite/positions.hpp"
#include "storage/sqlite/snapshots.hpp"

#include <string>

namespace signalbox::storage {

/// What a connection that writes is set to, as statements.
std::string settings();

/// The connection that writes. What is declared last closes first.
struct writer_connection {
  database db;
  batch_rows batches;
  letter_rows letters;
  position_rows positions;
  snapshot_rows snapshots;

  /// Opens a file, which may be new, and makes its tables what they have to be.
  /// Closing leaves the write-ahead log as it is.
  static result<writer_connection> open(const std::string& path);

  /// Prepares a database that has its tables.
  static result<writer_connection> prepare(database db);
};

/// The connection that reads.
struct reader_connection {
  database db;
  log_reader log;

  static result<reader_connection> open(const std::string& path);
};

} // namespace signalbox::storage
