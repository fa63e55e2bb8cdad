#include "storage/memory/memory_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace signalbox::storage {

namespace {

/// All conditions but those of a page.
bool matches(const letter_query& which, const dead_letter& x) {
  return (which.id == 0 || which.id == x.id)
         && (which.destination.empty() || which.destination == x.destination)
         && (!which.reason || *which.reason == x.reason)
         && (!which.buried_before || x.buried < *which.buried_before)
         && (!which.requested_only || x.requested);
}

} // namespace

result<recovered> memory_store::recover() {
  return recovered{};
}

result<written> memory_store::write(const commit& x) {
  const std::scoped_lock guard{mutex_};
  written out;
  out.log = {x.next, x.next, 0};
  for (const auto& letter : x.buried)
    bury(letter);
  std::erase_if(letters_, [&](const dead_letter& letter) {
    return std::ranges::find(x.absolved, letter.id) != x.absolved.end();
  });
  const auto dropped = letters_.size() > most_letters;
  while (letters_.size() > most_letters)
    letters_.pop_front();
  if (dropped && !std::exchange(letters_dropped_, true))
    out.findings.push_back(fmt::format("there are more than {} dead letters: "
                                       "the oldest are deleted from now on",
                                       most_letters));
  return out;
}

void memory_store::bury(dead_letter x) {
  if (x.id == 0)
    x.id = last_id_ + 1;
  last_id_ = std::max(last_id_, x.id);
  x.requested = false;
  const auto place =
    std::ranges::lower_bound(letters_, x.id, {}, &dead_letter::id);
  if (place != letters_.end() && place->id == x.id)
    *place = std::move(x);
  else
    letters_.insert(place, std::move(x));
}

result<reading> memory_store::read(sequence from, sequence until,
                                   std::size_t /*max_events*/) {
  reading out;
  out.piece.from = from;
  out.piece.end = until;
  return out;
}

result<letter_page> memory_store::letters(const letter_query& which) {
  const std::scoped_lock guard{mutex_};
  letter_page out;
  for (const auto& x : letters_) {
    if (!matches(which, x))
      continue;
    ++out.total;
    if (x.id > which.after && out.letters.size() < which.limit)
      out.letters.push_back(x);
  }
  return out;
}

result<std::uint64_t> memory_store::mark(const letter_query& which) {
  const std::scoped_lock guard{mutex_};
  std::uint64_t marked = 0;
  for (auto& x : letters_) {
    // A digest has no events to send again.
    if (x.id > which.after && x.what != nullptr && matches(which, x)) {
      x.requested = true;
      ++marked;
    }
  }
  return marked;
}

result<std::uint64_t> memory_store::purge(const letter_query& which) {
  const std::scoped_lock guard{mutex_};
  return std::erase_if(letters_, [&](const dead_letter& x) {
    return x.id > which.after && matches(which, x);
  });
}

} // namespace signalbox::storage
