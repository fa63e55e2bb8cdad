// The LIGHT actor: makes one lamp show the latest wish.
#pragma once

#include "actors/transports.hpp"
#include "lights/driver.hpp"
#include "lights/engine.hpp"
#include "lights/light_rules.hpp"
#include "messages/actors.hpp"
#include "policy/log_budget.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace signalbox {

/// What a lamp is made of.
struct light_plan {
  std::string name;
  std::string driver;
  lights::light_rules rules;
  lights::engine::options pace;
  std::shared_ptr<lights::driver> lamp; ///< Used by this actor alone.
  /// For quiet hours, and for dates in answers.
  std::function<wall_time()> wall = std::chrono::system_clock::now;
  std::string fingerprint; ///< To see what a reload changes; secret.
};

struct light_state {
  static inline constexpr const char* name = "light";

  light_plan plan;
  std::unique_ptr<lights::engine> wishes;
  std::vector<lights::minute_count> minutes; ///< One for each level.
  journal_actor journal;
  transport_ptr wire;
  telemetry_actor telemetry;

  std::vector<delivery_request> requests; ///< Of the command in flight,
  std::size_t answered = 0;               ///< and how many are done.

  std::string logged_look;
  std::string last_error;
  log_budget troubles;
  bool logged_failing = false;
  mono_time next_wake = mono_time::max(); ///< Of the timer that is set.
  light_status reported;
  mono_time last_report;
  bool report_set = false; ///< A timer will report.
  std::vector<caf::typed_response_promise<caf::ok_atom>> stop_asked;
  bool knows_levels = false; ///< Before that, it is not told anything.
  unsigned looks = 0;        ///< At levels.
  bool stopping = false;
  bool said_farewell = false;
};

/// How long a lamp has to take its last command when it is told to stop.
inline constexpr duration farewell_patience = std::chrono::milliseconds(500);

/// @param wire Carries out what the lamp's driver asks for.
light_actor::behavior_type
light(light_actor::stateful_pointer<light_state> self, light_plan plan,
      journal_actor journal, transport_ptr wire, telemetry_actor telemetry);

} // namespace signalbox
