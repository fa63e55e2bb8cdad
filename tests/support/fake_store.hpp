// A store for tests: in memory, but it survives whoever writes to it, and fails
// when it is told to.
#pragma once

#include "storage/store.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::test {

/// Applies a commit whole, or not at all. Its batches stay as they were
/// written. Public, for the test to look into.
class fake_store final : public storage::store {
public:
  std::map<sequence, stored_batch> batches; ///< By first.
  sequence next = 1;
  sequence written_to = 1; ///< The end of the last batch ever written.
  std::map<std::string, position> readers;
  std::map<std::uint64_t, dead_letter> dead_letters;
  std::uint64_t last_letter = 0;
  ledger counters;
  std::set<sequence> flipped; ///< Batches that turn out to be damaged.
  std::size_t max_bytes = 0;  ///< 0: no bound.

  std::optional<failure> write_failure;
  std::optional<failure> read_failure;
  std::uint64_t writes = 0; ///< Attempts.
  std::uint64_t reads = 0;
  storage::commit last; ///< The last one that was written.

  [[nodiscard]] bool is_durable() const override {
    return true;
  }

  [[nodiscard]] log_extent extent() const {
    std::size_t bytes = 0;
    for (const auto& [first, x] : batches)
      bytes += x.batch->bytes();
    return {batches.empty() ? next : batches.begin()->first, next, bytes};
  }

  result<storage::recovered> recover() override {
    storage::recovered out;
    out.log = extent();
    out.readers = readers;
    out.counters = counters;
    out.counters.events.parsed -= out.counters.events.in_flight;
    out.counters.events.in_flight = 0;
    return out;
  }

  result<storage::written> write(const storage::commit& x) override {
    ++writes;
    if (write_failure)
      return tl::unexpected(*write_failure);
    for (const auto& one : x.batches)
      if (one.end() > written_to) {
        batches.emplace(one.first, one);
        written_to = one.end();
      }
    for (const auto& [name, at] : x.readers)
      readers[name] = at;
    for (const auto& name : x.gone)
      readers.erase(name);
    for (auto letter : x.buried) {
      if (letter.id == 0)
        letter.id = ++last_letter;
      letter.requested = false;
      dead_letters[letter.id] = letter;
    }
    for (const auto id : x.absolved)
      dead_letters.erase(id);
    for (const auto first : x.damaged)
      batches.erase(first);
    std::erase_if(batches,
                  [&](const auto& b) { return b.second.end() <= x.done; });
    while (max_bytes > 0 && extent().bytes > max_bytes)
      batches.erase(batches.begin());
    next = x.next;
    counters = x.counters;
    last = x;
    return storage::written{extent(), {}};
  }

  result<storage::reading> read(sequence from, sequence until,
                                std::size_t max_events) override {
    ++reads;
    if (read_failure)
      return tl::unexpected(*read_failure);
    storage::reading out;
    out.piece.from = from;
    out.piece.end = until;
    std::size_t events = 0;
    for (const auto& [first, x] : batches) {
      if (x.end() <= from || first >= until)
        continue;
      if (flipped.contains(first)) {
        out.damaged.push_back(first);
        out.findings.push_back("a batch is damaged");
        continue;
      }
      out.piece.batches.push_back(x);
      events += x.batch->events.size();
      if (events >= max_events) {
        out.piece.end = std::min(x.end(), until);
        break;
      }
    }
    return out;
  }

  result<letter_page> letters(const letter_query& which) override {
    if (read_failure)
      return tl::unexpected(*read_failure);
    letter_page out;
    for (const auto& [id, x] : dead_letters) {
      if (!matches(which, x))
        continue;
      ++out.total;
      if (id > which.after && out.letters.size() < which.limit)
        out.letters.push_back(x);
    }
    return out;
  }

  result<std::uint64_t> mark(const letter_query& which) override {
    if (write_failure)
      return tl::unexpected(*write_failure);
    std::uint64_t n = 0;
    for (auto& [id, x] : dead_letters)
      if (matches(which, x)) {
        x.requested = true;
        ++n;
      }
    return n;
  }

  result<std::uint64_t> purge(const letter_query& which) override {
    if (write_failure)
      return tl::unexpected(*write_failure);
    return std::erase_if(
      dead_letters, [&](const auto& x) { return matches(which, x.second); });
  }

private:
  static bool matches(const letter_query& which, const dead_letter& x) {
    return (which.id == 0 || which.id == x.id)
           && (which.destination.empty() || which.destination == x.destination)
           && (!which.reason || *which.reason == x.reason)
           && (!which.buried_before || x.buried < *which.buried_before)
           && (!which.requested_only || x.requested);
  }
};

} // namespace signalbox::test
