// How one destination delivers: which events go into which request, when, and
// what happens after each answer. Pure: no actor, no thread, time is an
// argument; the `destination` actor carries out what it decides.
#pragma once

#include "actors/passed_events.hpp"
#include "destinations/driver.hpp"
#include "messages/clock.hpp"
#include "messages/dead_letter.hpp"
#include "messages/log.hpp"
#include "policy/backoff.hpp"
#include "policy/breaker.hpp"
#include "policy/digest.hpp"
#include "policy/ledger.hpp"
#include "policy/match.hpp"
#include "policy/pace.hpp"
#include "policy/retry_budget.hpp"
#include "policy/sequence_set.hpp"
#include "policy/verdict.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <set>
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
    interest wants;
    std::shared_ptr<pace> limit; ///< Maybe shared; null: unlimited.
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
    sequence place = 0; ///< 0: a dead letter that is sent again.
    event_batch_ptr batch;
    const event* what = nullptr;
    std::size_t max_group = 0; ///< Events a request, after a refusal.
    std::uint64_t letter = 0;  ///< The dead letter's id.
  };

  /// Many events that are told as one.
  struct summary {
    digest sum;
    event_id first;                     ///< Of the first event folded.
    sequence_range range;               ///< From the first to the last of them.
    std::uint64_t skipped = 0;          ///< In that range, but not matched.
    std::vector<std::uint64_t> letters; ///< Dead letters among them.

    /// Makes the range reach over another one.
    void include(const sequence_range& x);
  };

  /// One request: some events, or a digest of many.
  struct job {
    std::uint64_t id = 0;
    std::vector<item> items; ///< Empty for a digest.
    std::optional<summary> told;

  private:
    friend class delivery;

    bool in_flight_ = false;
    unsigned attempts_ = 0;   ///< That count against the events.
    std::uint32_t tries_ = 0; ///< All of them.
    mono_time sent_;
    wall_time sent_wall_;
    mono_time due_;
    std::vector<delivery_attempt> history_;
    std::optional<backoff> pause_; ///< From the first failure on.

  public:
    [[nodiscard]] std::uint64_t events() const noexcept {
      return told ? told->sum.events() : items.size();
    }

    /// The number of this attempt, from 1.
    [[nodiscard]] unsigned attempt() const noexcept {
      return attempts_;
    }
  };

  /// @param from Where a former life left off.
  delivery(options opts, const position& from);

  /// Takes what the journal had from `pull_from` on; true if there was anything
  /// to deliver.
  bool take(const slice& x);

  /// Sends dead letters again, behind all that waits. Those that are already
  /// in hand, and those without an event, are left alone.
  void revive(const std::vector<dead_letter>& letters);

  /// The next request to send now, or null. It counts as sent: `answered`
  /// must follow. The job stays valid until then.
  const job* next(mono_time now, wall_time wall);

  /// What came of a job.
  void answered(std::uint64_t job_id, const verdict& x, mono_time now,
                wall_time wall);

  /// When to call `next` again if nothing else happens; empty: after an answer
  /// or more events only.
  [[nodiscard]] std::optional<mono_time> wake_at(mono_time now) const;

  /// Where to pull from next.
  [[nodiscard]] sequence pull_from() const noexcept {
    return pull_from_;
  }

  /// How many events to pull, or 0: enough are in hand.
  [[nodiscard]] std::uint32_t wanted() const noexcept;

  /// How many dead letters to ask for, or 0: enough are in hand.
  [[nodiscard]] std::uint32_t wanted_letters() const noexcept;

  /// How far it has come, if that has changed since the last call. The books
  /// of before, `settled`, must be kept first.
  std::optional<progress> moved();

  /// What to book since the last call.
  settlement settled();

  /// True once after the first good answer, and after a fault of the
  /// destination itself has healed: what was given up because of such a fault,
  /// perhaps in a former life, deserves another try.
  [[nodiscard]] bool healed();

  /// No request is out.
  [[nodiscard]] bool at_rest() const noexcept;

  /// For people.
  [[nodiscard]] const std::string& last_error() const noexcept {
    return last_error_;
  }
  [[nodiscard]] breaker_state circuit() const noexcept {
    return breaker_.state();
  }
  [[nodiscard]] double rate(mono_time now) const {
    return opts_.limit->rate(now);
  }
  [[nodiscard]] bool idle() const noexcept {
    return pending_.empty() && jobs_.empty() && !folded_ && revived_.empty();
  }
  [[nodiscard]] std::optional<wall_time> oldest() const noexcept;

private:
  using job_list = std::list<job>;

  [[nodiscard]] bool digests() const noexcept;
  [[nodiscard]] std::size_t slots() const noexcept;
  [[nodiscard]] bool may_send(mono_time now);
  [[nodiscard]] mono_time gate(mono_time now) const;
  const job* launch(job& x, mono_time now, wall_time wall);
  const job* retry(mono_time now, wall_time wall);
  const job* start(mono_time now, wall_time wall);
  job_list::iterator form();
  job_list::iterator form_digest();
  void fold(item& x);
  void fold_pending();
  void drop_pending();
  void expire_pending(wall_time wall);
  void expire_items(job& x, wall_time wall);
  void expire_one(item& x, wall_time wall);
  void deliver(item& x);
  void deliver(job_list::iterator x);
  void absolve(std::uint64_t letter);
  void failed(job_list::iterator x, const verdict& v, mono_time now,
              wall_time wall);
  void split(job_list::iterator x);
  void give_up(job_list::iterator x, dead_reason why, const std::string& answer,
               wall_time wall);
  void bury(const item& x, const job* from, dead_reason why,
            const std::string& answer, wall_time wall);
  void bury_digest(job& x, dead_reason why, const std::string& answer,
                   wall_time wall);
  void refold(job_list::iterator x);
  void postpone(job& x, const verdict& v, mono_time now);
  void pass(const item& x);
  void pass(const summary& x);
  [[nodiscard]] sequence lowest_in_hand() const noexcept;
  [[nodiscard]] bool is_expired(const item& x, wall_time wall) const;

  options opts_;
  retry_budget budget_;
  breaker breaker_;
  sequence pull_from_;
  std::deque<item> pending_; ///< In the order of the log.
  std::deque<item> revived_; ///< Dead letters; behind `pending_`.
  job_list jobs_;            ///< Out, or to be sent again; oldest first.
  std::optional<summary> folded_;
  bool throttled_ = false; ///< Events had to wait for a token.
  bool at_fault_ = false;  ///< The destination itself, by its last answer.
  bool was_well_ = false;  ///< There was a good answer.
  bool healed_ = false;
  passed_events passed_;
  std::set<std::uint64_t> letters_; ///< Those in hand.
  settlement settled_;
  std::vector<dead_letter> buried_;
  std::vector<std::uint64_t> absolved_;
  sequence_set absolved_ids_; ///< Ever: their records may still be there.
  position reported_;
  std::string last_error_;
  std::uint64_t next_job_ = 1;
};

} // namespace signalbox
