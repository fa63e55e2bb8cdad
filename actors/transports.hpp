// How requests get out: what destinations, lamps and session boards hand them
// to. No actors: each has a thread of its own already, and to pass messages on
// would cost about what a request does.
#pragma once

#include "endpoints/transport.hpp"
#include "messages/delivery.hpp"
#include "messages/failure.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace signalbox {

/// Carries out requests. Thread-safe.
class transport {
public:
  using on_answer = std::function<void(delivery_answer)>;

  transport() = default;
  virtual ~transport() = default;
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;

  /// Answers exactly once, later from another thread or before this returns,
  /// unless the transport ends before: then maybe never.
  /// @param done Must not throw or block.
  virtual void carry_out(delivery_request request, on_answer done) = 0;
};

using transport_ptr = std::shared_ptr<transport>;

/// The HTTP client that all share.
transport_ptr make_http_transport();

/// What carries out a driver's requests, as it has chosen.
/// @param http For those that choose it.
result<transport_ptr> open_transport(transport_choice choice,
                                     const transport_ptr& http);

/// Passes an answer on to an actor, as a message.
template <class Actor>
transport::on_answer answer_to(const Actor& whom) {
  // No strong handle: the actor may end before its answer comes.
  return [address = whom.address()](delivery_answer x) {
    if (auto actor = caf::actor_cast<caf::actor>(address))
      caf::anon_send(actor, std::move(x));
  };
}

} // namespace signalbox
