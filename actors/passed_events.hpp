// Which events of the log a destination is done with, and what became of them.
#pragma once

#include "messages/log.hpp"
#include "policy/sequence_set.hpp"

#include <cstdint>

namespace signalbox {

/// Keeps a cursor and its terms in step: the terms of `at` always count
/// exactly the events that its cursor has passed, so that whoever continues
/// from it after a crash neither loses an event nor counts one twice. Not
/// thread-safe.
class passed_events {
public:
  explicit passed_events(const position& from);

  /// Whether a former life was done with an event.
  [[nodiscard]] bool was_passed(sequence x) const noexcept {
    return x < former_end_ && former_.contains(x);
  }

  /// Of [first, end), those that no former life was done with.
  [[nodiscard]] std::uint64_t not_passed(sequence_range x) const noexcept;

  /// Events of a range do not match. Answers how many they are, without those
  /// that a former life was done with.
  std::uint64_t not_matched(sequence_range x);

  /// An event or a range is done with. Its term is counted by the caller.
  void pass(sequence_range x) {
    done_.add(x);
  }

  /// An event that `pass` named as part of a range is in hand after all.
  void take_back(sequence x) {
    done_.remove({x, x + 1});
  }

  /// From now on events of a range that were not matched count as part of it:
  /// they are passed when the range is. Answers how many they are.
  std::uint64_t absorb(sequence_range x);

  /// How far it has come.
  /// @param next The first event that is not done with.
  /// @param absorbed Events that `absorb` answered for ranges in hand.
  /// @param letters Dead letters in hand, which still count as dead.
  [[nodiscard]] position at(sequence next, std::uint64_t absorbed,
                            std::uint64_t letters);

  /// What became of events since the destination exists, those not yet passed
  /// by the cursor included.
  passed_terms terms;

private:
  sequence_set former_;
  sequence former_end_ = 0;
  sequence_set done_;
  sequence_set unmatched_;
};

} // namespace signalbox
