// Makes a sound database of a damaged one.
#pragma once

#include "storage/sqlite/connections.hpp"
#include "storage/sqlite/journal_files.hpp"

#include <functional>
#include <string>
#include <vector>

namespace signalbox::storage {

struct repaired {
  std::vector<std::string> findings; ///< What was found, lost and done.
  bool places_lost = false;          ///< Of readers whose names are lost, too.
};

/// Saves what can be read into a new database, and puts it in the place of the
/// damaged one, which is kept under another name. Nobody may have the database
/// open. Needs room for both. A process may be killed at any moment of it.
/// @param why What was found, in words.
/// @param finish Called with the new database before it is put in place.
result<repaired>
repair(const journal_files& files, const std::string& why,
       const std::function<result<void>(writer_connection&)>& finish);

} // namespace signalbox::storage
