// Saves what can be read of a damaged database.
#pragma once

#include "storage/sqlite/connections.hpp"

#include <string>
#include <vector>

namespace signalbox::storage {

struct salvaged {
  std::vector<std::string> lost; ///< In words.
  bool places_lost = false;      ///< Of readers whose names are lost, too.
};

/// Copies every row that can be read and whose checksum fits into a database
/// that has its tables, but no rows. Batches that can be read but whose
/// checksum does not fit go to its table `damaged`.
/// Fails only when `to` does.
result<salvaged> salvage(database& from, database& to);

} // namespace signalbox::storage
