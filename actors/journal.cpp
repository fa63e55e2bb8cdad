#include "actors/journal.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

namespace signalbox {

namespace {

using self_ptr = journal_actor::stateful_pointer<journal_state>;

constexpr auto age_check_interval = std::chrono::seconds(1);

wall_time wall_now() {
  return std::chrono::system_clock::now();
}

void complain(const result<void>& x) {
  if (!x)
    spdlog::error("journal: {}", x.error().what);
}

void remember(journal_state& st, stored_batch x) {
  st.recent_count += x.batch->events.size();
  st.recent.push_back(std::move(x));
  while (st.recent_count - st.recent.front().batch->events.size()
         >= recent_events) {
    st.recent_count -= st.recent.front().batch->events.size();
    st.recent.pop_front();
  }
}

void feed_the_hungry(journal_state& st) {
  for (auto& x : std::exchange(st.hungry, {})) {
    auto piece = st.store->read(x.from, x.most);
    if (!piece)
      x.promise.deliver(
        caf::make_error(caf::sec::runtime_error, piece.error().what));
    else if (piece->batches.empty())
      st.hungry.push_back(std::move(x));
    else
      x.promise.deliver(slice_ptr{std::make_shared<slice>(std::move(*piece))});
  }
}

void append(journal_state& st, const event_batch_builder& builder) {
  builder->credit.give_back();
  const auto events = builder->events.size();
  if (events == 0)
    return;
  event_batch_ptr batch = builder;
  const auto first = st.store->append(batch, wall_now());
  if (!first) {
    st.ledger->shed(events);
    if (!std::exchange(st.shedding, true))
      spdlog::error("events are shed: {}", first.error().what);
    return;
  }
  if (std::exchange(st.shedding, false))
    spdlog::info("the journal takes events again");
  st.ledger->journaled(events);
  remember(st, {*first, std::move(batch)});
  feed_the_hungry(st);
  complain(st.store->truncate(wall_now()));
}

caf::result<cursor> admit(journal_state& st, const std::string& reader) {
  const auto known = st.store->load(reader);
  if (known && *known)
    return **known;
  cursor end{st.store->holds().next, {}};
  if (const auto kept = st.store->advance(reader, end); !kept)
    return caf::make_error(caf::sec::runtime_error, kept.error().what);
  return end;
}

} // namespace

journal_actor::behavior_type journal(self_ptr self, storage::store_ptr store,
                                     std::shared_ptr<books> ledger) {
  self->state.store = std::move(store);
  self->state.ledger = std::move(ledger);
  self->delayed_send(self, age_check_interval, atoms::tick::value);
  return {
    [self](const event_batch_builder& x) { append(self->state, x); },
    [](atoms::flush) { return caf::ok_atom::value; },
    [self](atoms::attach, const std::string& reader) -> caf::result<cursor> {
      // Here, so that no event is journaled between the two.
      self->state.ledger->add_destination(reader);
      return admit(self->state, reader);
    },
    [self](atoms::watch, const std::string& reader) -> caf::result<cursor> {
      return admit(self->state, reader);
    },
    [self](atoms::detach, const std::string& reader) {
      complain(self->state.store->forget(reader));
    },
    [self](atoms::pull, sequence from,
           std::uint32_t most) -> caf::result<slice_ptr> {
      auto promise = self->make_response_promise<slice_ptr>();
      self->state.hungry.push_back({from, most, promise});
      feed_the_hungry(self->state);
      return promise;
    },
    [self](atoms::advance, const std::string& reader, const cursor& to) {
      complain(self->state.store->advance(reader, to));
    },
    [self](atoms::recent) {
      auto piece = std::make_shared<slice>();
      piece->batches.assign(self->state.recent.begin(),
                            self->state.recent.end());
      return slice_ptr{std::move(piece)};
    },
    [self](atoms::tick) {
      complain(self->state.store->truncate(wall_now()));
      self->delayed_send(self, age_check_interval, atoms::tick::value);
    },
  };
}

} // namespace signalbox
