#include "net/name_lookup.hpp"

#include "net/address.hpp"
#include "net/descriptor.hpp"
#include "net/worker_thread.hpp"

#include <atomic>
#include <unistd.h>

#include <sys/eventfd.h>

namespace signalbox::net {

/// Outlives the look-up for as long as its thread needs it.
struct name_lookup::shared_state {
  descriptor wake;
  std::atomic<outcome> result = outcome::pending;
};

name_lookup::name_lookup(std::string host, int wake)
  : state_(std::make_shared<shared_state>()) {
  state_->wake = descriptor{dup(wake)};
  start_worker("resolver", [state = state_, host = std::move(host)] {
    state->result = resolve(host, 0, 0) ? outcome::found : outcome::failed;
    eventfd_write(state->wake.get(), 1);
  }).detach();
}

name_lookup::outcome name_lookup::state() const {
  return state_->result;
}

} // namespace signalbox::net
