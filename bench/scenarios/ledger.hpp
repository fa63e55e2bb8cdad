// The engine's books, as its admin interface shows them.
#pragma once

#include "messages/failure.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace signalbox::bench {

/// Terms by the names that /api/ledger gives them.
struct ledger {
  using terms = std::map<std::string, std::uint64_t, std::less<>>;

  bool balanced = false;
  terms ingest; ///< Datagrams; `rejected` is the sum over all reasons.
  terms events;
  std::map<std::string, terms, std::less<>> destinations;

  /// All `sent` datagrams are received or dropped by the kernel, and what was
  /// received has passed the journal, or ended before it.
  [[nodiscard]] bool has_taken_in(std::uint64_t sent) const;

  /// Nothing waits for a destination, and nothing is on its way to one.
  [[nodiscard]] bool is_delivered() const;

  /// Datagrams that the kernel dropped and events that the journal shed.
  [[nodiscard]] std::uint64_t lost() const;
};

/// One term; 0 if it is not there.
std::uint64_t of(const ledger::terms& xs, std::string_view name);

/// Reads the body of /api/ledger.
result<ledger> read_ledger(const std::string& json);

/// All terms in one line, for a run that is void.
std::string to_string(const ledger& x);

} // namespace signalbox::bench
