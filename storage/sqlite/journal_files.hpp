// The files of a store, and what they are called when they are set aside.
#pragma once

#include "messages/clock.hpp"
#include "messages/failure.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace signalbox::storage {

/// Names of files in one directory. All of them are for their owner only.
class journal_files {
public:
  explicit journal_files(std::string directory)
    : directory_(std::move(directory)) {
    // nop
  }

  [[nodiscard]] std::string database() const {
    return directory_ + "/journal.db";
  }

  /// SQLite's write-ahead log, which holds the last commits.
  [[nodiscard]] std::string wal() const {
    return database() + "-wal";
  }

  /// A new database that a repair is making. Once there is no `database`, it
  /// is complete.
  [[nodiscard]] std::string repaired() const {
    return database() + ".repaired";
  }

  /// A copy for a repair to work on.
  [[nodiscard]] std::string patched() const {
    return database() + ".patched";
  }

  /// Finishes or undoes a repair that was cut short. True if the repaired
  /// database is now the database.
  result<bool> settle() const;

  /// Renames the database and its write-ahead log; answers the new name.
  /// @param what In the new name: "damaged" as in "journal.damaged-<time>.db".
  result<std::string> set_aside(std::string_view what) const;

  /// There are commits, but no database that they belong to.
  [[nodiscard]] bool is_wal_alone() const;

  /// Copies the write-ahead log beside itself; answers the copy's name.
  result<std::string> copy_wal() const;

  /// Makes the repaired database the database, of which there is none.
  result<void> adopt_repaired() const;

  /// Removes a database that a repair made, and what SQLite put beside it.
  static void remove_database(const std::string& path);

private:
  /// A name that is not taken.
  [[nodiscard]] std::string fresh_name(std::string_view what,
                                       std::string_view extension) const;
  result<void> sync() const;

  std::string directory_;
};

/// Sees to it that there is a file, empty if it is new.
result<void> make_file(const std::string& path);

/// Waits until the medium has all of a file.
result<void> sync_file(const std::string& path);

/// Of the database in a file, as its first page says; that of a new one when it
/// says nothing.
std::uint32_t page_size_of(const std::string& path);

/// The first bytes of the file are those of a database of ours, or there are
/// none. SQLite believes some that it should not: with one bit it takes the
/// database for read-only, with another it forgets the write-ahead log.
bool has_sound_header(const std::string& path);

} // namespace signalbox::storage
