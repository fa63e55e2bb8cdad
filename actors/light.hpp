// The LIGHT actor: makes one lamp show the latest wish.
#pragma once

#include "lights/driver.hpp"
#include "lights/engine.hpp"
#include "lights/light_rules.hpp"
#include "messages/actors.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <string>

namespace signalbox {

/// What a lamp is made of.
struct light_plan {
  std::string name;
  std::string driver;
  lights::light_rules rules;
  lights::engine::options pace;
  std::shared_ptr<lights::driver> lamp; ///< Used by this actor alone.
  std::string fingerprint; ///< To see what a reload changes; secret.
};

struct light_state {
  static inline constexpr const char* name = "light";

  light_plan plan;
  std::unique_ptr<lights::engine> wishes;
  journal_actor journal;
  telemetry_actor telemetry;
  std::string last_error;
  mono_time next_wake = mono_time::max(); ///< Of the timer that is set.
  mono_time last_report;
  bool report_set = false; ///< A timer will report.
};

light_actor::behavior_type
light(light_actor::stateful_pointer<light_state> self, light_plan plan,
      journal_actor journal, telemetry_actor telemetry);

} // namespace signalbox
