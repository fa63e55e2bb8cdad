// The journal's embedded store: one SQLite file, `journal.db`, that a person
// can look into with `sqlite3`.
#pragma once

#include "storage/sqlite/batch_rows.hpp"
#include "storage/sqlite/database.hpp"
#include "storage/sqlite/directory_lock.hpp"
#include "storage/sqlite/letters.hpp"
#include "storage/sqlite/log_reader.hpp"
#include "storage/sqlite/positions.hpp"
#include "storage/sqlite/snapshots.hpp"
#include "storage/store.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::storage {

class sqlite_store final : public store {
public:
  struct options {
    std::string directory;
    /// Of events; the file takes up to a fifth more, and keeps its size.
    std::uint64_t max_bytes = std::uint64_t{4} << 30U;
    duration max_age = std::chrono::hours(7 * 24);
    /// Otherwise nothing is dropped for want of room: whoever writes looks at
    /// `log_extent::bytes`, and stops.
    bool drop_oldest = true;
  };

  /// Makes the directory if there is none, and keeps other engines out of it
  /// as long as the store lives.
  static result<std::unique_ptr<sqlite_store>> open(options opts);

  /// What a connection that writes is set to, as statements.
  static std::string settings();

  [[nodiscard]] bool is_durable() const override {
    return true;
  }

  result<recovered> recover() override;
  result<written> write(const commit& x) override;
  result<reading> read(sequence from, sequence until,
                       std::size_t max_events) override;
  result<letter_page> letters(const letter_query& which) override;
  result<std::uint64_t> mark(const letter_query& which) override;
  result<std::uint64_t> purge(const letter_query& which) override;

private:
  /// The connection that writes. What is declared last closes first.
  struct writer {
    database db;
    batch_rows batches;
    letter_rows letters;
    position_rows positions;
    snapshot_rows snapshots;
  };

  /// The connection that reads.
  struct reader {
    database db;
    log_reader log;
  };

  sqlite_store(options opts, directory_lock lock);

  result<void> open_writer();
  result<void> open_reader();

  // One attempt each; the caller holds the lock of its connection.
  result<recovered> try_recover();
  result<written> try_write(const commit& x);
  result<letters_found> try_letters(const letter_query& which);
  result<reading> try_read(sequence from, sequence until,
                           std::size_t max_events);
  using letter_change = result<std::uint64_t> (*)(database&,
                                                  const letter_query&);
  result<std::uint64_t> change_letters(const letter_query& which,
                                       letter_change change);

  const options opts_;
  const directory_lock lock_;

  std::mutex writing_; ///< Before `reading_`, where both are taken.
  std::optional<writer> writer_;
  log_totals totals_;
  sequence next_ = 1;
  bool letters_dropped_ = false;

  std::mutex reading_;
  std::optional<reader> reader_;
};

} // namespace signalbox::storage
