// What may pass the entrance: excludes, limits, duplicates.
#pragma once

#include "messages/clock.hpp"
#include "messages/event.hpp"
#include "messages/failure.hpp"
#include "policy/ledger.hpp"
#include "policy/match.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace signalbox {

/// What a limit or the duplicate window tells apart.
enum class key_field : std::uint8_t {
  source,
  host,
  user,
  kind,
  app,
  origin,
  context,
};

struct exclude_rule {
  std::string name;
  match_spec match;

  bool operator==(const exclude_rule&) const = default;
};

struct limit_rule {
  std::string name;
  std::vector<key_field> key; ///< Empty: one bucket for all.
  double rate = 0;            ///< Events a second.
  double burst = 1;           ///< Events.

  bool operator==(const limit_rule&) const = default;
};

struct duplicate_rule {
  duration window{0}; ///< Zero: off.
  std::vector<key_field> key{key_field::host, key_field::kind, key_field::user,
                             key_field::context};

  bool operator==(const duplicate_rule&) const = default;
};

struct admission_rules {
  std::vector<exclude_rule> excludes;
  std::vector<limit_rule> limits;
  duplicate_rule duplicates;

  bool operator==(const admission_rules&) const = default;
};

/// Decides which events pass, in this order: excludes, duplicates, limits. A
/// duplicate is remembered only when its first was admitted. Memory is bounded:
/// keys that are idle (a full bucket, a window that is over) leave, and beyond
/// `max_keys` the longest idle go first. Not thread-safe.
class admission {
public:
  /// Keys kept per rule; about 100 bytes each.
  static constexpr std::size_t max_keys = 1'000'000;

  static result<admission> make(admission_rules rules);

  admission(admission&&) noexcept;
  admission& operator=(admission&&) noexcept;
  ~admission();

  /// Removes from `events` what may not pass, keeping the order of the rest.
  limit_tally admit(std::vector<event>& events, mono_time now);

  /// Keys remembered now, over all rules.
  [[nodiscard]] std::size_t keys() const noexcept;

private:
  struct impl;
  explicit admission(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

} // namespace signalbox
