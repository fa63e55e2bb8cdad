// The books: every datagram and every event, accounted for by reason.
#pragma once

#include "messages/log.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace signalbox {

/// What became of datagrams. `received` = `parsed` + `rejected` + `in_flight`;
/// `kernel_dropped` never reached us.
struct ingest_terms {
  std::uint64_t received = 0;
  std::uint64_t kernel_dropped = 0;
  std::uint64_t parsed = 0;
  std::uint64_t malformed = 0;
  std::uint64_t oversized = 0;
  std::uint64_t source = 0;
  std::uint64_t encoding = 0;
  std::uint64_t in_flight = 0; ///< Between ingest and parser.
  /// Records that were no events in datagrams that also held some; beside the
  /// equation, which counts datagrams.
  std::uint64_t bad_records = 0;

  bool operator==(const ingest_terms&) const = default;
};

/// What became of events. `parsed` = the sum of the rest.
struct event_terms {
  std::uint64_t parsed = 0;
  std::uint64_t excluded = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t limited = 0;
  std::uint64_t journaled = 0;
  std::uint64_t shed = 0;
  std::uint64_t in_flight = 0; ///< Between parser and journal.

  bool operator==(const event_terms&) const = default;
};

/// What became of journaled events at one destination. `journaled` (since the
/// destination exists) = the sum of the rest.
struct destination_terms {
  std::uint64_t journaled = 0;
  std::uint64_t not_matched = 0;
  std::uint64_t delivered = 0;
  std::uint64_t folded = 0;
  std::uint64_t dead_lettered = 0;
  std::uint64_t expired = 0;
  std::uint64_t dropped = 0;
  std::uint64_t waiting = 0;
  std::uint64_t in_flight = 0;

  bool operator==(const destination_terms&) const = default;
};

/// A consistent picture of the books.
struct ledger {
  ingest_terms ingest;
  event_terms events;
  std::map<std::string, std::uint64_t> excluded_by_rule;
  std::map<std::string, std::uint64_t> limited_by_rule;
  std::map<std::string, destination_terms> destinations;
  /// How far each socket's drops are counted, by what names it on this machine
  /// until it boots: for the process that is handed the socket next.
  std::map<std::string, std::uint64_t> socket_drops;

  /// How many datagrams and events are unaccounted for, or counted twice;
  /// zero when the books balance.
  [[nodiscard]] std::uint64_t imbalance() const noexcept;

  /// Nothing is on its way any more.
  [[nodiscard]] bool at_rest() const noexcept;

  bool operator==(const ledger&) const = default;
};

/// What the parser made of one batch of datagrams.
struct parse_tally {
  std::uint64_t parsed = 0; ///< Datagrams.
  std::uint64_t malformed = 0;
  std::uint64_t oversized = 0;
  std::uint64_t source = 0;
  std::uint64_t encoding = 0;
  std::uint64_t events = 0;
  std::uint64_t bad_records = 0; ///< Beside good ones in one datagram.
};

/// What the limiter dropped of one batch of events.
struct limit_tally {
  std::vector<std::uint64_t> excluded; ///< By rule.
  std::vector<std::uint64_t> limited;  ///< By rule.
  std::uint64_t duplicate = 0;
};

/// How events of a destination moved between terms.
struct settlement {
  std::uint64_t revived = 0;     ///< dead-lettered → waiting (sent again).
  std::uint64_t taken = 0;       ///< waiting → in flight.
  std::uint64_t returned = 0;    ///< in flight → waiting (to be sent again).
  std::uint64_t not_matched = 0; ///< waiting → not matched.
  std::uint64_t missed = 0;    ///< waiting → dropped (the journal was full).
  std::uint64_t delivered = 0; ///< in flight → …, as all that follow.
  std::uint64_t folded = 0;
  std::uint64_t dead_lettered = 0;
  std::uint64_t expired = 0;
  std::uint64_t dropped = 0;

  [[nodiscard]] bool empty() const noexcept;
};

/// The running books. Thread-safe; one short lock per *batch*, which makes
/// each picture exact: an event is moved from one term to the next in one
/// step, so the books balance at any moment, not only at rest.
class books {
public:
  using destination_id = std::size_t;

  /// Names the rules that the tallies index from now on. A name that was there
  /// before continues its count; counts of rules that are gone are kept.
  void name_rules(std::vector<std::string> excludes,
                  std::vector<std::string> limits);

  /// Continues what a former process counted. Before anything is counted.
  void restore(const ledger& former);

  /// Opens a destination's account: what it is done with, and how many events
  /// wait for it. An account that is open stays as it is.
  void open_account(const std::string& name, const passed_terms& done,
                    std::uint64_t waiting);

  /// Closes the account of a destination that exists no more.
  void close_account(const std::string& name);

  /// @pre The account is open.
  [[nodiscard]] destination_id account(const std::string& name) const;

  /// A destination begins, or begins again, where these terms say: what a
  /// former life of it had in hand waits again.
  /// @pre `id` came from `account`.
  void resume(destination_id id, const passed_terms& done);

  void received(std::uint64_t datagrams);
  /// @param datagrams Dropped since the last call.
  /// @param socket Whose they were; see `ledger::socket_drops`.
  /// @param counter The kernel's own counter, which includes them.
  void kernel_dropped(std::uint64_t datagrams, const std::string& socket,
                      std::uint64_t counter);
  void parsed(const parse_tally& x);
  void limited(const limit_tally& x);
  /// Events that are now readable: they wait at every destination.
  void journaled(std::uint64_t events);
  void shed(std::uint64_t events);
  /// @pre `id` came from `account`.
  void settle(destination_id id, const settlement& x);

  [[nodiscard]] ledger picture() const;

private:
  /// Ids are places in a list: a closed account keeps its place.
  struct destination_account {
    std::string name; ///< Empty: closed.
    destination_terms terms;
  };

  /// What one exclude or limit rule has dropped.
  struct rule_count {
    std::string name;
    std::uint64_t events = 0;
  };
  using rule_counts = std::vector<rule_count>;

  static void rename(rule_counts& counts, std::vector<std::string> names);
  static std::uint64_t add(rule_counts& counts,
                           const std::vector<std::uint64_t>& tally);

  mutable std::mutex mutex_;
  ingest_terms ingest_;
  event_terms events_;
  rule_counts excluded_;
  rule_counts limited_;
  std::map<std::string, std::uint64_t> socket_drops_;
  std::vector<destination_account> accounts_;
};

} // namespace signalbox
