// What a reader asks the log for, and what it is to hear.
#pragma once

#include "messages/log.hpp"
#include "policy/match.hpp"
#include "storage/log_tail.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace signalbox::storage {

/// A reader that asks for events, and may have to wait for them. Whoever keeps
/// it calls `pass_over` with what is new, then `answer`. Not thread-safe.
class pull {
public:
  /// @param wants Null: everything.
  pull(sequence from, std::uint32_t most,
       std::shared_ptr<const interest> wants);

  [[nodiscard]] std::uint32_t most() const noexcept {
    return most_;
  }

  /// Whether it waits for `next`, but may have no use for it.
  [[nodiscard]] bool is_choosy_at(sequence next) const noexcept {
    return wants_ != nullptr && wanted_from_ == next;
  }

  /// Lets those readers wait on that have no use for any of these events.
  /// @param readers Choosy ones, at the first of them.
  /// @param shown All events that have just become visible.
  /// @returns Whether there are any such readers: they are to be told later.
  static bool pass_over(std::vector<pull*> readers, const slice& shown);

  /// What to answer: events, those passed over included; where they are in the
  /// store; or nothing yet.
  /// @param tell_all Also that events were passed over, if there is nothing
  ///                 else to tell.
  [[nodiscard]] log_tail::found answer(const log_tail& log,
                                       bool tell_all) const;

private:
  sequence from_;
  sequence wanted_from_; ///< The reader has no use for what comes before.
  std::uint32_t most_;
  std::shared_ptr<const interest> wants_;
};

} // namespace signalbox::storage
