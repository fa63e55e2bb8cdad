// Many events told as one message, for people.
#pragma once

#include "messages/event.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox {

/// Sums up events that came faster than their destination may be told.
/// Bounded: at most `max_names` users (apps, hosts) are told apart, by their
/// first 200 characters; the last of them is "others" once there are more.
class digest {
public:
  static constexpr std::size_t max_names = 1000;

  struct ranked {
    std::string name;
    std::uint64_t events = 0;
  };

  static constexpr std::string_view others = "others";

  void add(const event& x);

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

  /// The `n` names with the most events, most first, ties by name: users as
  /// DIRECTORY/id in the spelling seen first, apps by name where it is known.
  /// Events without a user (app, host) are not among them.
  [[nodiscard]] std::vector<ranked> top_users(std::size_t n) const;
  [[nodiscard]] std::vector<ranked> top_apps(std::size_t n) const;
  [[nodiscard]] std::vector<ranked> top_hosts(std::size_t n) const;

  /// Distinct users seen; `max_names` means "at least".
  [[nodiscard]] std::size_t users() const noexcept {
    return users_.size();
  }

private:
  /// By what tells names apart: users in any case, apps by their id.
  using tally = std::map<std::string, ranked, std::less<>>;

  static void count(tally& names, std::string key, std::string_view name);
  static std::vector<ranked> top(const tally& names, std::size_t n);

  std::uint64_t events_ = 0;
  wall_time first_{};
  wall_time last_{};
  std::array<std::uint64_t, static_cast<std::size_t>(event_kind::count)>
    kinds_{};
  tally users_;
  tally apps_;
  tally hosts_;
};

} // namespace signalbox
