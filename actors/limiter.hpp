// The LIMITER actor: excludes, duplicates and limits at the entrance.
#pragma once

#include "messages/actors.hpp"
#include "policy/admission.hpp"
#include "policy/ledger.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace signalbox {

struct limiter_state {
  static inline constexpr const char* name = "limiter";

  std::unique_ptr<admission> rules;
  journal_actor journal;
  std::shared_ptr<books> ledger;
};

limiter_actor::behavior_type
limiter(limiter_actor::stateful_pointer<limiter_state> self,
        std::unique_ptr<admission> rules, journal_actor journal,
        std::shared_ptr<books> ledger);

} // namespace signalbox
