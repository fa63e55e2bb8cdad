// The table of readers: how far each has come.
#pragma once

#include "messages/log.hpp"
#include "storage/sqlite/database.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::storage {

/// "12-13,17-17": ranges of events, both ends included.
std::string to_text(const std::vector<sequence_range>& xs);

/// The reverse of `to_text`; empty unless the ranges are sorted and disjoint.
std::optional<std::vector<sequence_range>> ranges_from(std::string_view text);

/// Writes to the table.
class position_rows {
public:
  static result<position_rows> prepare(database& db);

  result<void> save(std::string_view name, const position& x);
  result<void> forget(std::string_view name);

private:
  statement save_;
  statement forget_;
};

/// What the table holds.
struct stored_positions {
  std::map<std::string, position> readers;
  /// Names of readers whose rows are damaged, as far as names are known.
  std::vector<std::string> damaged;
};

result<stored_positions> load_positions(database& db);

/// Where a reader begins again whose position is lost: with everything that is
/// still there, so that events are repeated rather than lost.
inline position restart_at(sequence oldest) {
  return {{oldest, {}}, {}};
}

} // namespace signalbox::storage
