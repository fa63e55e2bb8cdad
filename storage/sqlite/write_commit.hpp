// One commit of the journal as one transaction.
#pragma once

#include "storage/sqlite/connections.hpp"
#include "storage/store.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::storage {

/// Where a store is, and what it keeps at most.
struct sqlite_options {
  std::string directory;
  std::uint64_t max_letters = 100'000; ///< The oldest leave.
};

/// What a commit came to.
struct committed {
  log_totals totals;
  std::uint64_t letters_dropped = 0; ///< For want of room.
  std::vector<std::string> findings;
};

/// @param before What the rows amount to.
result<committed> write_commit(writer_connection& to, const commit& x,
                               const sqlite_options& keep,
                               const log_totals& before);

} // namespace signalbox::storage
