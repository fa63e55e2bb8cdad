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

/// An engine's answers, as JSON.
struct status_answers {
  std::string_view ledger;       ///< `/api/ledger`
  std::string_view destinations; ///< `/api/destinations`
  std::string_view journal;      ///< `/api/journal`
  std::string_view sessions;     ///< `/api/sessions`; `null`: not known.
  std::string_view lights;       ///< `/api/lights`
};

/// Lays them out for a terminal.
result<status_page> status_text(const status_answers& x);

} // namespace signalbox::cli
