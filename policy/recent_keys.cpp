#include "policy/recent_keys.hpp"

#include <algorithm>

namespace signalbox {

// -- recent_keys --------------------------------------------------------------

recent_keys::recent_keys(duration keep, std::size_t max_keys)
  : keep_(keep), generation_size_(std::max<std::size_t>(max_keys / 2, 1)) {
  // nop
}

void recent_keys::advance(mono_time now) {
  if (turned_ == mono_time::min())
    turned_ = now;
  const auto age = now - turned_;
  if (age < keep_)
    return;
  turn();
  if (age / 2 >= keep_)
    turn();
  turned_ = now;
}

void recent_keys::prefetch(const key_hash& key) const noexcept {
  young_.prefetch(key);
  old_.prefetch(key);
}

std::optional<mono_time> recent_keys::find(const key_hash& key) const noexcept {
  if (const auto* value = young_.find(key))
    return *value;
  if (const auto* value = old_.find(key))
    return *value;
  return std::nullopt;
}

void recent_keys::put(const key_hash& key, mono_time value) {
  if (young_.size() == generation_size_ && !young_.find(key))
    turn();
  if (young_.put(key, value) && old_.find(key))
    ++in_both_;
}

void recent_keys::turn() {
  std::swap(old_, young_);
  young_.clear(old_.size());
  in_both_ = 0;
}

// -- table --------------------------------------------------------------------

void recent_keys::table::prefetch(const key_hash& key) const noexcept {
  if (!entries_.empty())
    __builtin_prefetch(&entries_[key.low & (entries_.size() - 1)]);
}

const mono_time* recent_keys::table::find(const key_hash& key) const noexcept {
  if (entries_.empty())
    return nullptr;
  const auto& found = entries_[index_of(key)];
  return found.value == mono_time::min() ? nullptr : &found.value;
}

bool recent_keys::table::put(const key_hash& key, mono_time value) {
  // At most two thirds full, so that a search stays within a cache line or two.
  if (size_ * 3 >= entries_.size() * 2)
    grow();
  auto& place = entries_[index_of(key)];
  const auto is_new = place.value == mono_time::min();
  place = {.key = key, .value = value};
  size_ += is_new ? 1 : 0;
  return is_new;
}

void recent_keys::table::clear(std::size_t expected) {
  if (entries_.size() > 8 * std::max(expected, smallest))
    entries_ = {};
  else
    std::ranges::fill(entries_, entry{});
  size_ = 0;
}

std::size_t recent_keys::table::index_of(const key_hash& key) const noexcept {
  const auto mask = entries_.size() - 1;
  auto i = key.low & mask;
  while (entries_[i].value != mono_time::min() && entries_[i].key != key)
    i = (i + 1) & mask;
  return i;
}

void recent_keys::table::grow() {
  const auto old = std::exchange(
    entries_, std::vector<entry>(std::max(entries_.size() * 2, smallest)));
  for (const auto& x : old)
    if (x.value != mono_time::min())
      entries_[index_of(x.key)] = x;
}

} // namespace signalbox
