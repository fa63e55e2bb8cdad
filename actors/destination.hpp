// The DESTINATION actor: pulls from the journal, lets `delivery` decide,
// hands requests to its transport.
#pragma once

#include "actors/answer_box.hpp"
#include "actors/delivery.hpp"
#include "actors/transports.hpp"
#include "messages/actors.hpp"
#include "policy/ledger.hpp"
#include "policy/log_budget.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace signalbox {

/// What a destination is made of.
struct destination_plan {
  std::string name;
  std::string kind;
  delivery::options pace; ///< Its `limit` is set when it is spawned.
  double rate = 0;        ///< Requests a second; 0: unlimited.
  double burst = 1;
  duration gather{0};             ///< As in `destination_traits`.
  bool from_oldest = false;       ///< Where a new one begins.
  std::shared_ptr<driver> shaper; ///< Used by this actor alone.
  std::string fingerprint;        ///< To see what a reload changes; secret.
};

struct destination_state {
  static inline constexpr const char* name = "destination";

  destination_plan plan;
  interest_ptr wants; ///< As in the plan.
  journal_actor journal;
  transport_ptr wire;
  std::shared_ptr<answer_box> answers;
  telemetry_actor telemetry;
  std::shared_ptr<books> ledger;
  books::destination_id account = 0;
  std::unique_ptr<delivery> protocol; ///< Null until attached.
  bool pulling = false;
  mono_time next_pull; ///< Not before this.
  bool stopping = false;
  bool has_letters = false; ///< Some dead letters are to be sent again.
  bool asking_for_letters = false;
  bool letters_anew = false;              ///< More came while it was asking.
  std::uint64_t last_letter = 0;          ///< The last one that was asked for.
  mono_time next_wake = mono_time::max(); ///< Of the timer that is set.
  std::vector<const event*> events;       ///< Reused between requests.
  bool failing = false;
  bool logged_failing = false; ///< What the log last said.
  log_budget troubles;         ///< Of lines about its health,
  log_budget losses;           ///< about what was given up,
  log_budget misses;           ///< and about what it never saw.
  bool told_failing = false;   ///< What telemetry last heard.
  mono_time last_report;
  bool report_set = false; ///< A timer will report.
  std::uint64_t requests = 0;
  std::uint64_t retries = 0;
};

/// @param wire Carries out this destination's requests.
destination_actor::behavior_type
destination(destination_actor::stateful_pointer<destination_state> self,
            destination_plan plan, journal_actor journal, transport_ptr wire,
            telemetry_actor telemetry, std::shared_ptr<books> ledger);

} // namespace signalbox
