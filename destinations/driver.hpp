// The one interface that every kind of destination implements. A driver knows
// bodies and answers; matching, pace, retry, order and counting belong to the
// `destination` actor, the wire to the transports.
#pragma once

#include "endpoints/transport.hpp"
#include "messages/clock.hpp"
#include "messages/delivery.hpp"
#include "messages/event.hpp"
#include "messages/failure.hpp"
#include "policy/digest.hpp"
#include "policy/verdict.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace signalbox {

/// What becomes of events that exceed a destination's rate.
enum class excess_policy : std::uint8_t { digest, wait, drop };

/// What a kind of destination is like, where the user's config says nothing.
struct destination_traits {
  double rate = 0;  ///< Requests a second; 0: unlimited.
  double burst = 1; ///< Requests at once.
  excess_policy excess = excess_policy::wait;
  std::size_t batch = 1; ///< Events a request, at most.
  /// How long it lets more events arrive after the last ones, before it asks
  /// for them: what it makes of many costs little more than of one.
  duration gather{0};
};

class session_publisher; // destinations/session_publisher.hpp

/// One kind's bodies and answers, for one configured destination. Not
/// thread-safe; all calls come from its `destination` actor.
///
/// Call order: `traits` and `open_transport` once, then for each request
/// `shape` (or `shape_digest`) followed, after its answer, by `judge`;
/// `account` at any time.
class driver {
public:
  virtual ~driver() = default;

  [[nodiscard]] virtual destination_traits traits() const = 0;

  /// Whose limits its requests count against: the same text for the same host
  /// and credentials, also after a secret was renewed. Empty: nobody else's.
  /// May hold secrets: compare it, never show it.
  [[nodiscard]] virtual std::string account() const {
    return {};
  }

  /// Called once, before the first request.
  virtual transport_choice open_transport() = 0;

  /// Whoever shows who is active now, on a connection of their own, as
  /// configured; null: nobody. May be called at any time, from any thread.
  [[nodiscard]] virtual std::unique_ptr<session_publisher> sessions() const;

  /// Makes one request of 1 to `traits().batch` events. A failure means that
  /// these events can never be sent (too large for the provider, say).
  /// @param key Idempotency key: the same for the same events on each retry.
  virtual result<delivery_request> shape(std::span<const event* const> events,
                                         std::string_view key) = 0;

  /// Makes one request that stands for many events. The default, for kinds
  /// that do not talk to people, refuses.
  virtual result<delivery_request> shape_digest(const digest& sum,
                                                std::string_view key);

  /// A request that only reaches the other side, for `signalbox check
  /// --connect`; nothing is delivered.
  virtual std::optional<delivery_request> probe() = 0;

  /// Says what an answer to one of its requests means. `verdict::done` counts
  /// events.
  virtual verdict judge(const delivery_answer& answer, wall_time now) = 0;
};

using driver_ptr = std::unique_ptr<driver>;

} // namespace signalbox
