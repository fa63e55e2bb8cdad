// Finds batches in the pages of a database whose tree no longer leads to them.
//
// One damaged page near the root of a table hides all rows below it, which are
// still there. Their checksums tell them from anything else.
#pragma once

#include "storage/sqlite/batch_rows.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace signalbox::storage {

/// Takes a row whose numbers are right; nobody has looked into the blob.
using carved_row =
  std::function<result<void>(const batch_row& row, const std::string& blob)>;

/// Looks at every page of a file by itself; rows that were deleted turn up,
/// too. Fails when `found` does, and only then.
result<void> carve_batches(const std::string& path, std::uint32_t page_size,
                           const carved_row& found);

} // namespace signalbox::storage
