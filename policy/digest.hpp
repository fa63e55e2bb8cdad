// Many events told as one message, for people.
#pragma once

#include "messages/event.hpp"
#include "policy/name_tally.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace signalbox {

/// Sums up events that came faster than their destination may be told.
/// Bounded: as many users (apps, hosts) are told apart as a `name_tally` has
/// places for. Adding an event whose names are known allocates nothing. Not
/// thread-safe.
class digest {
public:
  void add(const event& x);

  /// Takes over all events of another one, as if each had been added here; see
  /// `name_tally::add` for those that have no place.
  void add(digest&& other);

  [[nodiscard]] std::uint64_t events() const noexcept {
    return events_;
  }

  /// Receive times of the earliest and the latest event.
  [[nodiscard]] wall_time first() const noexcept {
    return first_;
  }
  [[nodiscard]] wall_time last() const noexcept {
    return last_;
  }

  [[nodiscard]] std::uint64_t of_kind(event_kind kind) const noexcept {
    return kinds_[static_cast<std::size_t>(kind)];
  }

  /// Users as DIRECTORY/id, the same in any case, in the spelling seen first.
  /// Events without a user are not among them.
  [[nodiscard]] const name_tally& users() const noexcept {
    return users_;
  }

  /// Apps by their id, shown by name where it was known when they came first.
  [[nodiscard]] const name_tally& apps() const noexcept {
    return apps_;
  }

  /// Hosts as sent.
  [[nodiscard]] const name_tally& hosts() const noexcept {
    return hosts_;
  }

private:
  std::uint64_t events_ = 0;
  wall_time first_ = wall_time::max();
  wall_time last_ = wall_time::min();
  std::array<std::uint64_t, static_cast<std::size_t>(event_kind::count)>
    kinds_{};
  name_tally users_;
  name_tally apps_;
  name_tally hosts_;
  std::string key_; ///< Reused, so that it allocates only while it grows.
};

} // namespace signalbox
