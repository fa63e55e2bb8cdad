// What a Shelly answers.
#pragma once

#include "lights/shelly/component.hpp"
#include "messages/clock.hpp"
#include "messages/delivery.hpp"
#include "policy/verdict.hpp"

namespace signalbox::lights::shelly {

/// Judges the answer to a call of `part`'s method.
/// @param has_password Whether we have one to give.
verdict judge(const http_answer& answer, const component& part,
              bool has_password, wall_time now);

} // namespace signalbox::lights::shelly
