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
#include <string_view>

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

/// Gives each frame the checksum of what it holds, up to the last commit, so
/// that SQLite reads them all. What is damaged in a page is then for the
/// checksums of its rows to find. Leaves alone what it cannot mend.
/// @param first_page In the place of each first page; empty: as it is.
/// @pre Nobody has the database open, and there is a copy of the log.
void mend_wal(const std::string& path, std::uint32_t page_size,
              std::string_view first_page = {});

} // namespace signalbox::storage
