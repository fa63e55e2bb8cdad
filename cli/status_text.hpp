// What `signalbox status` prints.
#pragma once

#include "messages/failure.hpp"

#include <string>
#include <string_view>

namespace signalbox::cli {

struct status_page {
  std::string page;
  bool balanced = false;
};

/// Lays out the answers of `/api/ledger`, `/api/destinations`, `/api/journal`
/// and `/api/sessions` for a terminal; `null` for the last one: not known.
result<status_page> status_text(std::string_view ledger_json,
                                std::string_view destinations_json,
                                std::string_view journal_json,
                                std::string_view sessions_json);

} // namespace signalbox::cli
