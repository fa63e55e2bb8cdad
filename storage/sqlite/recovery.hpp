// What a former process left in a database.
#pragma once

#include "storage/sqlite/connections.hpp"
#include "storage/store.hpp"

namespace signalbox::storage {

struct left_behind {
  recovered what;
  log_totals totals;
};

/// Reads what is there, without the events. Rows that are damaged are set
/// aside or made anew, with a finding. Fails with `errc::malformed` when the
/// database has to be repaired.
/// @param thorough Looks into every page, whatever the size; small databases
///                 are looked through in any case.
result<left_behind> take_stock(writer_connection& of, bool thorough);

} // namespace signalbox::storage
