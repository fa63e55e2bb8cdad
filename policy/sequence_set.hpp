// A set of sequence numbers, kept as ranges.
#pragma once

#include "messages/log.hpp"

#include <cstdint>
#include <vector>

namespace signalbox {

/// Sorted, disjoint ranges that do not touch. Made for numbers that are added
/// at or near the end. Not thread-safe.
class sequence_set {
public:
  sequence_set() = default;

  /// @param ranges In any order; empty ones are left out.
  explicit sequence_set(const std::vector<sequence_range>& ranges);

  void add(sequence x) {
    add({x, x + 1});
  }
  void add(sequence_range x);

  void remove(sequence_range x);

  /// Forgets all numbers below `x`.
  void remove_below(sequence x);

  [[nodiscard]] bool contains(sequence x) const noexcept;

  /// How many numbers of `x` are in the set.
  [[nodiscard]] std::uint64_t count_in(sequence_range x) const noexcept;

  [[nodiscard]] bool empty() const noexcept {
    return ranges_.empty();
  }

  [[nodiscard]] const std::vector<sequence_range>& ranges() const noexcept {
    return ranges_;
  }

private:
  std::vector<sequence_range> ranges_;
};

} // namespace signalbox
