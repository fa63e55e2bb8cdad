// What an answer of Teams means: a 200 can be an error.
#pragma once

#include "messages/clock.hpp"
#include "messages/delivery.hpp"
#include "policy/verdict.hpp"

namespace signalbox::teams {

/// Workflows answer 202; connectors and bridges answer 200 with `1` or
/// nothing, or with a sentence that holds `HTTP error <status>`, which is then
/// the status (MicrosoftDocs/msteams-docs, issues 402 and 7425).
verdict judge(const http_answer& answer, wall_time now);

} // namespace signalbox::teams
