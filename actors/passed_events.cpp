#include "actors/passed_events.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace signalbox {

passed_events::passed_events(const position& from)
  : terms(from.terms), former_(from.where.beyond), done_(former_) {
  if (!former_.empty())
    former_end_ = former_.ranges().back().end;
}

std::uint64_t passed_events::not_passed(sequence_range x) const noexcept {
  return x.end - x.first - former_.count_in(x);
}

std::uint64_t passed_events::not_matched(sequence_range x) {
  std::uint64_t count = 0;
  for (; x.first < std::min(x.end, former_end_); ++x.first)
    if (!former_.contains(x.first)) {
      unmatched_.add(x.first);
      ++count;
    }
  unmatched_.add(x);
  count += x.end - x.first;
  terms.not_matched += count;
  return count;
}

std::uint64_t passed_events::absorb(sequence_range x) {
  const auto count = unmatched_.count_in(x);
  unmatched_.remove(x);
  return count;
}

position passed_events::at(sequence next, std::uint64_t absorbed,
                           std::uint64_t letters) {
  done_.remove_below(next);
  unmatched_.remove_below(next);
  position out;
  out.where.next = next;
  // In order, so that each range is added at the end.
  std::vector<sequence_range> beyond;
  std::ranges::merge(done_.ranges(), unmatched_.ranges(),
                     std::back_inserter(beyond), {}, &sequence_range::first,
                     &sequence_range::first);
  out.where.beyond = sequence_set{beyond}.ranges();
  out.terms = terms;
  out.terms.not_matched -= std::min(out.terms.not_matched, absorbed);
  out.terms.dead_lettered += letters;
  return out;
}

} // namespace signalbox
