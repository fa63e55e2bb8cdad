// What lamps that speak HTTP answer: one judgement for all of them, which their
// drivers put into the words of their kind.
#pragma once

#include "messages/clock.hpp"
#include "messages/delivery.hpp"
#include "policy/verdict.hpp"

#include <string>

namespace signalbox::lights {

/// What only the lamp's owner can mend, such as a key that is not known.
verdict owners_fault(std::string reason);

/// What may be a wrong setting, but passes by itself as often: a lamp that is
/// not there yet, the page of a proxy. It is asked again in half a minute.
verdict not_yet(std::string reason);

/// Judges an answer by its status: 401, 403 and 407 are the owner's fault, 429
/// and 503 mean to slow down, and whatever else fails is tried again; after a
/// 3xx or 4xx in half a minute, unless the lamp says when. The reason never
/// quotes the body, which may repeat a secret of the request.
verdict judge_answer(const http_answer& answer, wall_time now);

/// Whether the lamp wants another request than this one (3xx and 4xx, but those
/// that say "later"): what was read from files may be old.
bool is_refusal(const http_answer& answer) noexcept;

} // namespace signalbox::lights
