// A look at SQLite's write-ahead log before SQLite takes it over.
//
// SQLite reads that log up to the first frame whose checksum is wrong, and
// takes the rest for a commit that was cut short. That is right for the last
// commit only; anything else is damage, of which it says nothing.
// https://www.sqlite.org/fileformat2.html#the_write_ahead_log
#pragma once

#include "messages/failure.hpp"

#include <cstdint>
#include <string>

namespace signalbox::storage {

struct wal_damage {
  /// Commits behind the first unreadable frame; zero in a log that is sound, or
  /// whose last commit was cut short.
  std::uint64_t commits = 0;
  std::uint64_t frame = 0; ///< The first that is unreadable, from 1; 0: header.
};

/// @param page_size Of the database, for a log whose header is damaged.
/// @return No damage when there is no such file.
wal_damage check_wal(const std::string& path, std::uint32_t page_size);

} // namespace signalbox::storage
