#include "actors/store.hpp"

#include "actors/failure_error.hpp"

#include <utility>

namespace signalbox {

namespace {

// Answers with a value on the heap, or with the words for why not.
template <class T>
caf::result<std::shared_ptr<const T>> share(result<T> x) {
  if (!x)
    return to_error(x.error());
  return std::shared_ptr<const T>{std::make_shared<T>(std::move(*x))};
}

caf::result<std::uint64_t> answer(const result<std::uint64_t>& x) {
  if (!x)
    return to_error(x.error());
  return *x;
}

} // namespace

store_actor::behavior_type
store(store_actor::stateful_pointer<store_state> self,
      std::shared_ptr<storage::store> disk) {
  self->state.disk = std::move(disk);
  return {
    [self](atoms::letters, const letter_query& which) {
      return share(self->state.disk->letters(which));
    },
    [self](atoms::retry, const letter_query& which) {
      return answer(self->state.disk->mark(which));
    },
    [self](atoms::purge, const letter_query& which) {
      return answer(self->state.disk->purge(which));
    },
    [self](const commit_ptr& x) { return share(self->state.disk->write(*x)); },
    [self](atoms::pull, sequence from, sequence until, std::uint32_t most) {
      return share(self->state.disk->read(from, until, most));
    },
  };
}

} // namespace signalbox
