// The memory of limits and duplicates: keys, and until when each matters.
#pragma once

#include "messages/clock.hpp"
#include "policy/large_pages.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace signalbox {

/// The hash that stands for a key's fields.
struct key_hash {
  std::uint64_t bits = 0;

  bool operator==(const key_hash&) const = default;
};

/// A bounded map from keys to times. It forgets by generations: keys go to the
/// young one; when that has grown old or large, it becomes the old one, and
/// what was in the old one goes at once. So there is no search for what is to
/// be forgotten, and the keys that were put last stay the longest.
///
/// An entry takes 16 bytes, four of them a cache line; a table that grew is a
/// third to two thirds full. Not thread-safe.
class recent_keys {
public:
  /// @param keep How long a key is remembered at least after its last `put`,
  ///   if there is room; at most twice as long.
  /// @param max_keys Keys kept at most; of more, at least the last half.
  recent_keys(duration keep, std::size_t max_keys);

  /// Forgets what is too old. Call it before the other functions when time has
  /// passed.
  void advance(mono_time now);

  /// Has the memory for `key` fetched while the caller does something else.
  void prefetch(const key_hash& key) const noexcept;

  /// What was found of a key. It holds until the next `put` or `advance`.
  class finding {
  public:
    /// As last put; empty if the key is not remembered.
    [[nodiscard]] const std::optional<mono_time>& value() const noexcept {
      return value_;
    }

  private:
    friend class recent_keys;

    key_hash key_;
    std::optional<mono_time> value_;
    std::size_t place_ = 0; ///< In the young table: its own or a free one.
    bool is_young_ = false;
  };

  [[nodiscard]] finding find(const key_hash& key) const noexcept;

  /// Remembers a key from now on; it is looked up only once, by `find`.
  /// @param value Any time but `mono_time::min()`.
  void put(const finding& x, mono_time value);

  void put(const key_hash& key, mono_time value) {
    put(find(key), value);
  }

  /// Keys remembered now.
  [[nodiscard]] std::size_t size() const noexcept {
    return young_.size() + old_.size() - in_both_;
  }

private:
  /// A hash table with linear probing from the beginning of a cache line; keys
  /// are hashes already. Nothing is ever erased from it, so it needs no
  /// tombstones. A place is an index of its entries.
  class table {
  public:
    void prefetch(const key_hash& key) const noexcept;

    /// The place of `key`, or the free one where it belongs; any in an empty
    /// table.
    [[nodiscard]] std::size_t place_of(const key_hash& key) const noexcept;

    /// What is there for the key that belongs there.
    [[nodiscard]] std::optional<mono_time> at(std::size_t place) const noexcept;

    /// Replaces the value of a key that is there.
    void set(std::size_t place, mono_time value) noexcept {
      entries_[place].value = value;
    }

    /// Adds a key that is not there.
    void add(std::size_t place, const key_hash& key, mono_time value);

    /// Forgets all keys. Keeps the memory, whose pages are dear to get anew,
    /// unless it is far more than `expected` keys need.
    void clear(std::size_t expected);

    [[nodiscard]] std::size_t size() const noexcept {
      return size_;
    }

  private:
    struct entry {
      key_hash key;
      mono_time value = mono_time::min(); ///< As here: the entry is free.
    };

    [[nodiscard]] std::size_t first_place(const key_hash& key) const noexcept;
    void grow();

    static constexpr std::size_t smallest = 64;

    std::vector<entry, large_pages<entry>> entries_; ///< Empty or a power of 2.
    std::size_t size_ = 0;
  };

  void turn();

  duration keep_;
  std::size_t generation_size_;
  table young_;
  table old_;
  std::size_t in_both_ = 0;
  mono_time turned_ = mono_time::min();
};

} // namespace signalbox
