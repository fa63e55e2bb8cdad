#include "policy/recent_keys.hpp"

#include <algorithm>
#include <utility>

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

recent_keys::finding recent_keys::find(const key_hash& key) const noexcept {
  finding x;
  x.key_ = key;
  x.place_ = young_.place_of(key);
  x.value_ = young_.at(x.place_);
  x.is_young_ = x.value_.has_value();
  if (!x.is_young_)
    x.value_ = old_.at(old_.place_of(key));
  return x;
}

void recent_keys::put(const finding& x, mono_time value) {
  if (x.is_young_) {
    young_.set(x.place_, value);
    return;
  }
  auto place = x.place_;
  if (young_.size() == generation_size_) {
    turn();
    place = young_.place_of(x.key_);
  } else if (x.value_) {
    ++in_both_;
  }
  young_.add(place, x.key_, value);
}

void recent_keys::turn() {
  std::swap(old_, young_);
  young_.clear(old_.size());
  in_both_ = 0;
}

// -- table --------------------------------------------------------------------

void recent_keys::table::prefetch(const key_hash& key) const noexcept {
  if (!entries_.empty())
    __builtin_prefetch(&entries_[first_place(key)]);
}

std::size_t recent_keys::table::place_of(const key_hash& key) const noexcept {
  if (entries_.empty())
    return 0;
  auto i = first_place(key);
  while (entries_[i].value != mono_time::min() && entries_[i].key != key)
    i = (i + 1) & (entries_.size() - 1);
  return i;
}

std::optional<mono_time>
recent_keys::table::at(std::size_t place) const noexcept {
  if (entries_.empty() || entries_[place].value == mono_time::min())
    return std::nullopt;
  return entries_[place].value;
}

void recent_keys::table::add(std::size_t place, const key_hash& key,
                             mono_time value) {
  // At most two thirds full, so that a search stays within a cache line or two.
  if (size_ * 3 >= entries_.size() * 2) {
    grow();
    place = place_of(key);
  }
  entries_[place] = {.key = key, .value = value};
  ++size_;
}

void recent_keys::table::clear(std::size_t expected) {
  if (entries_.size() > 8 * std::max(expected, smallest))
    entries_ = {};
  else
    std::ranges::fill(entries_, entry{});
  size_ = 0;
}

std::size_t
recent_keys::table::first_place(const key_hash& key) const noexcept {
  constexpr auto a_line = large_pages<entry>::cache_line / sizeof(entry);
  return key.bits & (entries_.size() - 1) & ~(a_line - 1);
}

void recent_keys::table::grow() {
  const auto old = std::exchange(
    entries_, decltype(entries_)(std::max(entries_.size() * 2, smallest)));
  for (const auto& x : old)
    if (x.value != mono_time::min())
      entries_[place_of(x.key)] = x;
}

} // namespace signalbox
