// Visits every row of a damaged table that can still be reached.
#pragma once

#include "storage/sqlite/database.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace signalbox::storage {

/// Keys between which rows cannot be reached; both ends are good, or ends of
/// the table.
struct unreachable_keys {
  std::uint64_t after = 0;             ///< 0: from the beginning.
  std::optional<std::uint64_t> before; ///< Absent: to the end.
};

/// What became of a row that was visited.
enum class visited : std::uint8_t {
  trusted, ///< Its key is right: it has a checksum, which fits.
  doubted, ///< Its key may be anything.
};

/// Fails when the visitor does, and only then.
using row_visitor = std::function<result<visited>(std::uint64_t rowid)>;

/// Visits rows in the order of their ids. Where the table cannot be read it
/// goes on behind that, with a bounded number of attempts.
result<std::vector<unreachable_keys>>
walk_table(database& db, std::string_view table, const row_visitor& visit);

} // namespace signalbox::storage
