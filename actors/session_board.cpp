#include "actors/session_board.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

namespace signalbox {

namespace {

using namespace std::chrono_literals;

using self_ptr = session_board_actor::stateful_pointer<session_board_state>;

constexpr duration round_pause = 250ms;

// While nothing changes: whether the other side is still the same.
constexpr duration probe_pause = 5s;

constexpr duration first_retry = 1s;
constexpr duration last_retry = 30s;

void wake_at(self_ptr self, mono_time at) {
  auto& st = self->state;
  if (at >= st.next_wake)
    return;
  st.next_wake = at;
  self->delayed_send(self,
                     std::max(duration{0}, duration{at - self->clock().now()}),
                     atoms::tick::value);
}

void pump(self_ptr self);

void done(self_ptr self, std::string error) {
  auto& st = self->state;
  const auto now = self->clock().now();
  st.busy = false;
  st.not_before = now + round_pause;
  st.probe_at = now + probe_pause;
  if (error.empty()) {
    st.pauses->reset();
    if (!st.refused.empty())
      spdlog::info("destination '{}' shows who is active again",
                   st.destination);
  } else {
    st.not_before = std::max(st.not_before, now + st.pauses->next());
    if (st.refused.empty())
      spdlog::warn("destination '{}' cannot show who is active: {}; it tries "
                   "again",
                   st.destination, error);
  }
  st.refused = std::move(error);
  pump(self);
}

void send(self_ptr self, delivery_request request) {
  self->state.busy = true;
  self->state.wire->carry_out(std::move(request),
                              answer_to(session_board_actor{self}));
}

// Publishes what is not shown yet, as soon as that may be.
void pump(self_ptr self) {
  auto& st = self->state;
  if (st.busy || !st.picture)
    return;
  const auto now = self->clock().now();
  if (now < st.not_before) {
    wake_at(self, st.not_before);
    return;
  }
  if (auto request = st.publisher->shape(*st.picture))
    send(self, std::move(*request));
  else if (now >= st.probe_at)
    send(self, st.publisher->probe());
  else
    wake_at(self, st.probe_at);
}

void follow(self_ptr self) {
  self
    ->request(self->state.telemetry, caf::infinite, atoms::pull::value,
              self->state.picture)
    .then(
      [self](const session_picture_ptr& x) {
        self->state.picture = x;
        pump(self);
        follow(self);
      },
      [](const caf::error&) {
        // Telemetry has ended, and the engine with it.
      });
}

} // namespace

session_board_actor::behavior_type
session_board(self_ptr self, std::string destination,
              std::unique_ptr<session_publisher> publisher, transport_ptr wire,
              telemetry_actor telemetry) {
  auto& st = self->state;
  st.destination = std::move(destination);
  st.publisher = std::move(publisher);
  st.wire = std::move(wire);
  st.telemetry = std::move(telemetry);
  st.pauses.emplace(first_retry, last_retry, std::random_device{}());
  follow(self);
  return {
    [self](const delivery_answer& x) {
      done(self, self->state.publisher->judge(x));
    },
    [self](atoms::tick) {
      if (self->clock().now() < self->state.next_wake)
        return; // An older timer; the one that counts is still to come.
      self->state.next_wake = mono_time::max();
      pump(self);
    },
  };
}

} // namespace signalbox
