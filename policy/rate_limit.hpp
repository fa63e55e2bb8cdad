// What the entrance remembers of each key: its tokens, or that it was seen.
#pragma once

#include "messages/clock.hpp"
#include "policy/recent_keys.hpp"

#include <cstddef>

namespace signalbox {

/// A token bucket for each of very many keys. A bucket is kept as the one time
/// at which it is full again (the generic cell rate algorithm, ITU-T I.371
/// annex A); a key that is not remembered has a full one. Not thread-safe.
class rate_limit {
public:
  /// @param per_second Tokens a second, above 0.
  /// @param burst Tokens of a full bucket, 1 or more.
  rate_limit(double per_second, double burst, std::size_t max_keys);

  recent_keys& keys() noexcept {
    return full_again_;
  }

  [[nodiscard]] const recent_keys& keys() const noexcept {
    return full_again_;
  }

  /// A key's bucket; the argument of the next two, of which each may end what
  /// was found before.
  using bucket = recent_keys::finding;

  [[nodiscard]] bucket find(const key_hash& key) const noexcept {
    return full_again_.find(key);
  }

  /// Whether there is a token. A key that has none is not forgotten while it is
  /// asked for.
  bool has_token(const bucket& x, mono_time now);

  /// @pre `has_token`
  void take_token(const bucket& x, mono_time now);

private:
  duration interval_;  ///< Between two tokens.
  duration tolerance_; ///< What a full bucket holds beyond one token.
  recent_keys full_again_;
};

} // namespace signalbox
