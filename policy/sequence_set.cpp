#include "policy/sequence_set.hpp"

#include <algorithm>

namespace signalbox {

sequence_set::sequence_set(const std::vector<sequence_range>& ranges) {
  for (const auto& x : ranges)
    add(x);
}

void sequence_set::add(sequence_range x) {
  if (x.first >= x.end)
    return;
  if (ranges_.empty() || ranges_.back().end < x.first) {
    ranges_.push_back(x);
    return;
  }
  // All ranges that overlap or touch `x` become one with it.
  const auto first =
    std::ranges::lower_bound(ranges_, x.first, {}, &sequence_range::end);
  auto last = first;
  for (; last != ranges_.end() && last->first <= x.end; ++last) {
    x.first = std::min(x.first, last->first);
    x.end = std::max(x.end, last->end);
  }
  if (first == last) {
    ranges_.insert(first, x);
    return;
  }
  *first = x;
  ranges_.erase(first + 1, last);
}

void sequence_set::remove(sequence_range x) {
  if (x.first >= x.end)
    return;
  const auto first =
    std::ranges::upper_bound(ranges_, x.first, {}, &sequence_range::end);
  auto last = first;
  std::vector<sequence_range> rest;
  for (; last != ranges_.end() && last->first < x.end; ++last) {
    if (last->first < x.first)
      rest.push_back({last->first, x.first});
    if (last->end > x.end)
      rest.push_back({x.end, last->end});
  }
  const auto at = ranges_.erase(first, last);
  ranges_.insert(at, rest.begin(), rest.end());
}

void sequence_set::remove_below(sequence x) {
  if (!ranges_.empty() && ranges_.front().first < x)
    remove({0, x});
}

bool sequence_set::contains(sequence x) const noexcept {
  const auto i = std::ranges::upper_bound(ranges_, x, {}, &sequence_range::end);
  return i != ranges_.end() && i->first <= x;
}

std::uint64_t sequence_set::count_in(sequence_range x) const noexcept {
  std::uint64_t count = 0;
  auto i = std::ranges::upper_bound(ranges_, x.first, {}, &sequence_range::end);
  for (; i != ranges_.end() && i->first < x.end; ++i)
    count += std::min(i->end, x.end) - std::max(i->first, x.first);
  return count;
}

} // namespace signalbox
