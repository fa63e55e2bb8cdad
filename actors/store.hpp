// The STORE actor: waits for the disk, so that the journal need not.
#pragma once

#include "messages/actors.hpp"
#include "storage/store.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace signalbox {

struct store_state {
  static inline constexpr const char* name = "store";

  std::shared_ptr<storage::store> disk;
};

/// Spawn it detached, twice for one store: one only reads, the other does all
/// else.
store_actor::behavior_type
store(store_actor::stateful_pointer<store_state> self,
      std::shared_ptr<storage::store> disk);

} // namespace signalbox
