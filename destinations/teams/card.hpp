// A card as Teams understands it, in three envelopes.
#pragma once

#include "policy/digest.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::teams {

enum class card_format : std::uint8_t {
  workflow,     ///< A message with an Adaptive Card, for Workflows.
  card,         ///< The bare Adaptive Card, which some flows want.
  message_card, ///< The retired card of Office 365 connectors.
};

using fact = std::pair<std::string, std::string>; ///< Title and value.

/// Facts under a heading.
struct fact_group {
  std::string heading;
  std::vector<fact> facts;
};

/// What a card says; all values are escaped for Markdown.
struct card {
  std::string title;
  std::string subtitle; ///< Small print; may be empty.
  std::string summary;  ///< Of a MessageCard's notification only.
  std::vector<fact> facts;
  std::vector<fact_group> groups;
};

/// The request's body. Adaptive Cards 1.4, which Teams renders everywhere.
std::string to_json(const card& x, card_format format);

/// Tells a digest: how many, when, of what kind, by whom, in which apps.
card digest_card(const digest& sum, card_format format);

} // namespace signalbox::teams
