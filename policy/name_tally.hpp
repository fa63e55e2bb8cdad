// How often each of many names occurred.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox {

/// Counts events by name. Bounded: `max_names` names are told apart, the first
/// that came; the events of all others are counted together. Counting a known
/// name allocates nothing. Not thread-safe.
class name_tally {
public:
  static constexpr std::size_t max_names = 1000;

  struct entry {
    std::string name;
    std::uint64_t events = 0;
  };

  /// Counts one event of a name that is known by this key; says whether it is.
  bool count(std::string_view key);

  /// Counts one event of a name that `count` did not know.
  /// @param name What people read.
  void learn(std::string_view key, std::string name);

  /// Takes over what another one counted. All sums stay exact; where a name
  /// has no place any more, it joins the others. A name may have been among the
  /// others of one of the two: then its own count lacks those events.
  void add(name_tally&& other);

  /// The `n` names with the most events, most first, ties by name.
  [[nodiscard]] std::vector<entry> top(std::size_t n) const;

  /// Names told apart.
  [[nodiscard]] std::size_t names() const noexcept {
    return entries_.size();
  }

  /// All events counted, those of the others included.
  [[nodiscard]] std::uint64_t events() const noexcept {
    return events_;
  }

  /// True if there are no others: each name that occurred has its own count.
  [[nodiscard]] bool complete() const noexcept {
    return others_ == 0;
  }

private:
  /// Sorted, since a hash table could be slowed down by names made to collide.
  std::map<std::string, entry, std::less<>> entries_;
  std::uint64_t events_ = 0;
  std::uint64_t others_ = 0;
};

} // namespace signalbox
