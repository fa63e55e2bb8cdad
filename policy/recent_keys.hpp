// The memory of limits and duplicates: keys, and until when each matters.
#pragma once

#include "messages/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace signalbox {

/// The 128-bit hash that stands for a key's fields.
struct key_hash {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  bool operator==(const key_hash&) const = default;
};

/// A bounded map from keys to times. It forgets by generations: keys go to the
/// young one; when that has grown old or large, it becomes the old one, and
/// what was in the old one goes at once. So there is no search for what is to
/// be forgotten, and the keys that were put last stay the longest. An entry
/// takes 24 bytes; a table that grew is a third to two thirds full. Not
/// thread-safe.
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

  [[nodiscard]] std::optional<mono_time>
  find(const key_hash& key) const noexcept;

  /// @param value Any time but `mono_time::min()`.
  void put(const key_hash& key, mono_time value);

  /// Keys remembered now.
  [[nodiscard]] std::size_t size() const noexcept {
    return young_.size() + old_.size() - in_both_;
  }

private:
  /// A hash table with linear probing; keys are hashes already. Nothing is
  /// ever erased from it, so it needs no tombstones.
  class table {
  public:
    void prefetch(const key_hash& key) const noexcept;
    [[nodiscard]] const mono_time* find(const key_hash& key) const noexcept;
    /// Returns whether the key is new.
    bool put(const key_hash& key, mono_time value);
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

    /// The index of `key`, or of the free entry where it belongs.
    [[nodiscard]] std::size_t index_of(const key_hash& key) const noexcept;
    void grow();

    static constexpr std::size_t smallest = 64;

    std::vector<entry> entries_; ///< Empty or a power of two.
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
