// The table of snapshots: what the engine knew at the last commit, by name.
#pragma once

#include "policy/ledger.hpp"
#include "storage/sqlite/database.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::storage {

/// Where the log ends, which its rows do not tell: most events are never
/// written.
struct log_snapshot {
  std::uint64_t next = 1;
  std::uint64_t bytes = 0; ///< Of all rows.
};

/// The books without their destinations, as JSON for people.
std::string to_json(const ledger& x);

/// The reverse of `to_json`; what is not there is zero. Empty for other text.
std::optional<ledger> ledger_from(std::string_view json);

std::string to_json(const log_snapshot& x);
std::optional<log_snapshot> log_from(std::string_view json);

class snapshot_rows {
public:
  static result<snapshot_rows> prepare(database& db);

  result<void> save(std::string_view name, std::string_view content);

  struct stored {
    bool damaged = false;
    std::optional<std::string> content;
  };

  result<stored> load(std::string_view name);

private:
  statement save_;
  statement load_;
};

} // namespace signalbox::storage
