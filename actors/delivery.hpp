// How one destination delivers: which events go into which request, when, and
// what happens after each answer. Pure: no actor, no thread, time is an
// argument; the `destination` actor carries out what it decides.
#pragma once

#include "destinations/driver.hpp"
#include "messages/clock.hpp"
#include "messages/log.hpp"
#include "policy/backoff.hpp"
#include "policy/breaker.hpp"
#include "policy/digest.hpp"
#include "policy/ledger.hpp"
#include "policy/match.hpp"
#include "policy/token_bucket.hpp"
#include "policy/verdict.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <vector>

namespace signalbox {

/// The delivery protocol of one destination.
///
/// Events in hand are *waiting* until they are part of a request that is out,
/// then *in flight*; an answer makes them delivered, waiting again, or ends
/// them with a reason. Nothing leaves without being settled.
class delivery {
public:
  struct options {
    matcher match;
    std::optional<matcher> except;
    double rate = 0; ///< Requests a second; 0: unlimited.
    double burst = 1;
    excess_policy excess = excess_policy::wait;
    std::size_t batch = 1; ///< Events a request, at most.
    unsigned concurrency = 1;
    std::optional<duration> expire; ///< From receive time.
    unsigned attempts = 10;         ///< 0: without end.
    duration retry_initial = std::chrono::seconds(1);
    duration retry_max = std::chrono::minutes(5);
    std::uint64_t seed = 0; ///< Of the jitter.
  };

  /// An event in hand; its batch keeps it alive.
  struct item {
    sequence place = 0;
    event_batch_ptr batch;
    const event* what = nullptr;
    std::size_t max_group = 0; ///< Events a request, after a refusal.
  };

  /// One request: some events, or a digest of many.
  struct job {
    std::uint64_t id = 0;
    std::vector<item> items;   ///< Empty for a digest.
    std::optional<digest> sum; ///< Set for a digest.
    sequence_range range;      ///< What the cursor may pass when it is done.

  private:
    friend class delivery;

    bool in_flight_ = false;
    unsigned attempts_ = 0;
    mono_time due_;
    bool destination_at_fault_ = false;
    std::optional<backoff> pause_; ///< From the first failure on.

  public:
    [[nodiscard]] std::uint64_t events() const noexcept {
      return sum ? sum->events() : items.size();
    }

    /// The number of this attempt, from 1.
    [[nodiscard]] unsigned attempt() const noexcept {
      return attempts_;
    }
  };

  /// Events that were given up, with the reason.
  struct dead_letter {
    std::uint64_t events = 0;
    event_id first;
    std::string reason;
  };

  delivery(options opts, cursor from);

  /// Takes what the journal had from `pull_from` on.
  void take(const slice& x);

  /// The next request to send now, or null. It counts as sent: `answered`
  /// must follow. The job stays valid until then.
  const job* next(mono_time now, wall_time wall);

  /// What came of a job.
  void answered(std::uint64_t job_id, const verdict& x, mono_time now);

  /// When to call `next` again if nothing else happens; empty: after an answer
  /// or more events only.
  [[nodiscard]] std::optional<mono_time> wake_at(mono_time now) const;

  /// Where to pull from next.
  [[nodiscard]] sequence pull_from() const noexcept {
    return pull_from_;
  }

  /// How many events to pull, or 0: enough are in hand.
  [[nodiscard]] std::uint32_t wanted() const noexcept;

  /// The cursor, if it moved since the last call.
  std::optional<cursor> moved();

  /// What to book since the last call.
  settlement settled();

  /// Events given up since the last call.
  std::vector<dead_letter> buried();

  /// For people.
  [[nodiscard]] const std::string& last_error() const noexcept {
    return last_error_;
  }
  [[nodiscard]] breaker_state circuit() const noexcept {
    return breaker_.state();
  }
  [[nodiscard]] double rate(mono_time now) const noexcept {
    return bucket_.rate(now);
  }
  [[nodiscard]] bool idle() const noexcept {
    return pending_.empty() && jobs_.empty() && !folded_;
  }
  [[nodiscard]] std::optional<wall_time> oldest() const noexcept;

private:
  struct open_digest {
    digest sum;
    sequence_range range;
  };

  [[nodiscard]] bool wants(const event& x) const;
  [[nodiscard]] bool was_done_before(sequence x) const noexcept;
  [[nodiscard]] mono_time paused_until(mono_time now) const;
  const job* launch(job& x);
  const job* retry(mono_time now, wall_time wall);
  const job* start(mono_time now, wall_time wall);
  std::list<job>::iterator form(std::size_t most);
  std::list<job>::iterator form_digest();
  void fold_pending();
  void drop_pending();
  void expire_pending(wall_time wall);
  void expire_items(job& x, wall_time wall);
  void finish(std::list<job>::iterator x);
  void split(std::list<job>::iterator x);
  void bury(std::list<job>::iterator x, const std::string& reason);
  void postpone(job& x, const verdict& v, mono_time now);
  [[nodiscard]] bool is_expired(wall_time received, wall_time wall) const;
  [[nodiscard]] cursor where() const;

  options opts_;
  token_bucket bucket_;
  breaker breaker_;
  cursor resumed_; ///< Where a former life left off.
  sequence pull_from_;
  std::deque<item> pending_;
  std::list<job> jobs_; ///< Out, or to be sent again; oldest first.
  std::optional<open_digest> folded_;
  bool throttled_ = false; ///< Events had to wait for a token.
  mono_time pause_;        ///< The other side asked us to wait until then.
  std::vector<sequence_range> done_; ///< Finished out of order.
  cursor reported_;
  settlement settled_;
  std::vector<dead_letter> buried_;
  std::string last_error_;
  std::uint64_t next_job_ = 1;
};

} // namespace signalbox
