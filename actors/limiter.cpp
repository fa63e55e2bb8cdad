#include "actors/limiter.hpp"

#include <utility>

namespace signalbox {

limiter_actor::behavior_type
limiter(limiter_actor::stateful_pointer<limiter_state> self,
        std::unique_ptr<admission> rules, journal_actor journal,
        std::shared_ptr<books> ledger) {
  self->state.rules = std::move(rules);
  self->state.journal = std::move(journal);
  self->state.ledger = std::move(ledger);
  return {
    [self](const event_batch_builder& x) {
      auto& st = self->state;
      st.ledger->limited(st.rules->admit(x->events, self->clock().now()));
      if (!x->events.empty())
        self->send(st.journal, x);
    },
    [](atoms::flush) { return caf::ok_atom::value; },
  };
}

} // namespace signalbox
