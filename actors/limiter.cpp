#include "actors/limiter.hpp"

#include <utility>

namespace signalbox {

namespace {

// Tallies count by a rule's place: rules and names change together.
void use(limiter_state& st, limiter_plan& plan) {
  st.rules = std::move(plan.rules);
  st.ledger->name_rules(std::move(plan.exclude_names),
                        std::move(plan.limit_names));
}

} // namespace

limiter_actor::behavior_type
limiter(limiter_actor::stateful_pointer<limiter_state> self,
        const limiter_plan_ptr& plan, journal_actor journal,
        std::shared_ptr<books> ledger) {
  self->state.journal = std::move(journal);
  self->state.ledger = std::move(ledger);
  use(self->state, *plan);
  return {
    [self](const event_batch_builder& x) {
      auto& st = self->state;
      st.ledger->limited(st.rules->admit(x->events, self->clock().now()));
      if (!x->events.empty())
        self->send(st.journal, x);
    },
    [self](const limiter_plan_ptr& x) { use(self->state, *x); },
    [](atoms::flush) { return caf::ok_atom::value; },
  };
}

} // namespace signalbox
