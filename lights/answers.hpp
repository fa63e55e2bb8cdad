// What lamps that speak HTTP answer.
#pragma once

#include "messages/clock.hpp"
#include "messages/delivery.hpp"
#include "policy/verdict.hpp"

#include <string>

namespace signalbox::lights {

/// What only the lamp's owner can mend.
verdict owners_fault(std::string reason);

/// As `judge_http`, with an eye for the status alone: for answers whose body
/// may repeat a secret of the request.
verdict judge_status(const http_answer& answer, wall_time now);

} // namespace signalbox::lights
