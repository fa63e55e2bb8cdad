// Saves what can be read of a damaged database.
#pragma once

#include "storage/sqlite/connections.hpp"

#include <string>
#include <vector>

namespace signalbox::storage {

/// Copies every row that can be read and whose checksum fits into a database
/// that has its tables, but no rows. Batches that can be read but whose
/// checksum does not fit go to its table `damaged`.
/// @return What was lost, in words. Fails only when `to` does.
result<std::vector<std::string>> salvage(database& from, database& to);

} // namespace signalbox::storage
