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

/// Decides which events pass, in this order: excludes, duplicates, limits. An
/// event takes tokens, and is remembered for its duplicates, only when all
/// rules let it pass; of several that do not, the first one counts it. Users
/// are told apart in any case of their letters.
///
/// Memory is bounded: keys that are idle (a full bucket, a window that is over)
/// leave without being searched for, at the latest after twice the time that
/// they matter; beyond `max_keys` those longest idle go first, and are treated
/// as never seen. Not thread-safe.
class admission {
public:
  /// Keys kept per rule at most, and half of it at least; about 50 bytes each
  /// in large tables, 34 MB in all.
  static constexpr std::size_t max_keys = 1'000'000;

  /// Fails with the rule's name and the reason when a pattern is invalid, an
  /// exclude has none, a rate is not above zero or a burst below one.
  static result<admission> make(admission_rules rules);

  admission(admission&&) noexcept;
  admission& operator=(admission&&) noexcept;
  ~admission();

  /// Removes from `events` what may not pass, keeping the order of the rest.
  /// An empty `events` still lets idle keys leave.
  limit_tally admit(std::vector<event>& events, mono_time now);

  /// Keys remembered now, over all rules.
  [[nodiscard]] std::size_t keys() const noexcept;

private:
  struct impl;
  explicit admission(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

} // namespace signalbox
