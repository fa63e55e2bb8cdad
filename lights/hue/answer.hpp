// What a Hue bridge's answers mean.
#pragma once

#include "messages/clock.hpp"
#include "messages/delivery.hpp"
#include "policy/verdict.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::lights::hue {

/// An error in an answer of v1.
struct v1_error {
  std::int64_t type = 0;   ///< 1: unknown key, 3: unknown lamp, 101: press the
                           ///< button, … ("Error messages" of the v1 manual).
  std::string description; ///< Sanitised.
};

/// An answer of v1: HTTP 200, and an array of successes and errors, one for
/// each part of what was asked.
struct v1_answer {
  bool succeeded = false; ///< At least one part did.
  std::string username;   ///< The new key, after pairing; as it came.
  std::vector<v1_error> errors;
};

/// Reads an answer of v1; empty if it is none.
std::optional<v1_answer> parse_v1(std::string_view body);

/// Judges the answers to commands. The reason says what to do, and quotes what
/// the bridge said.
verdict judge_v1(const http_answer& answer, wall_time now);
verdict judge_v2(const http_answer& answer, wall_time now);

} // namespace signalbox::lights::hue
