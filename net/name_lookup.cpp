#include "net/name_lookup.hpp"

#include "net/descriptor.hpp"
#include "net/worker_thread.hpp"

#include <atomic>
#include <future>
#include <unistd.h>
#include <utility>

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

tl::expected<address_list, std::string>
resolve_until(const std::string& host, std::uint16_t port, mono_time deadline) {
  if (auto literal = resolve(host, port, AI_NUMERICHOST))
    return literal;
  // A promise in the thread, and not std::async: that would wait in its end.
  std::promise<tl::expected<address_list, std::string>> promise;
  auto found = promise.get_future();
  start_worker("resolver", [host, port,
                            shared = std::make_shared<decltype(promise)>(
                              std::move(promise))] {
    shared->set_value(resolve(host, port, 0));
  }).detach();
  if (found.wait_until(deadline) != std::future_status::ready)
    return tl::unexpected{
      std::string{"no name server has answered in time; an IP address needs "
                  "none"}};
  return found.get();
}

} // namespace signalbox::net
