// The admin interface's answers as text: JSON and Prometheus.
#pragma once

#include "messages/status.hpp"
#include "policy/ledger.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox {

struct engine_picture;

/// `GET /api/ledger`.
std::string ledger_json(const ledger& x);

/// `GET /api/destinations`.
std::string destinations_json(const std::vector<destination_status>& xs,
                              const ledger& books);

/// `GET /api/journal`.
std::string journal_json(const journal_status& x);

/// `GET /api/lights`.
std::string lights_json(const std::vector<light_status>& xs);

/// `GET /api/sessions`.
/// @param most_users Of so many it is told who they are.
std::string sessions_json(const session_picture& x, std::size_t most_users);

/// `POST /api/reload`, when it went well.
std::string reloaded_json(const std::string& changes);

/// `POST /api/reload`, when it was refused.
/// @param lines A mistake each.
std::string mistakes_json(std::string_view lines);

/// `GET /metrics`: Prometheus text format 0.0.4.
std::string metrics_text(const engine_picture& x, const ledger& books);

/// The one line at shutdown.
std::string ledger_line(const ledger& x);

} // namespace signalbox
