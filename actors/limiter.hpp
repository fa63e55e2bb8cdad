// The LIMITER actor: excludes, duplicates and limits at the entrance.
#pragma once

#include "messages/actors.hpp"
#include "policy/admission.hpp"
#include "policy/ledger.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace signalbox {

/// The rules at the entrance, and what the books call them.
struct limiter_plan {
  std::unique_ptr<admission> rules;
  std::vector<std::string> exclude_names;
  std::vector<std::string> limit_names;
};

struct limiter_state {
  static inline constexpr const char* name = "limiter";

  std::unique_ptr<admission> rules;
  journal_actor journal;
  std::shared_ptr<books> ledger;
};

/// @param plan Taken apart: it is empty afterwards.
limiter_actor::behavior_type
limiter(limiter_actor::stateful_pointer<limiter_state> self,
        const limiter_plan_ptr& plan, journal_actor journal,
        std::shared_ptr<books> ledger);

} // namespace signalbox
