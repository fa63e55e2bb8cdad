#include "actors/ingest.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

namespace signalbox {

namespace {

using self_ptr = ingest_actor::stateful_pointer<ingest_state>;

using namespace std::chrono_literals;

// How long one wait lasts, for datagrams or for credit: the longest that a
// message to this actor has to wait.
constexpr auto patience = 100ms;

// SO_MEMINFO holds 32 bits: often enough to see each turn of the counter.
constexpr auto report_interval = 1s;

// How long what the kernel still holds is read after a stop.
constexpr auto farewell = 500ms;

void count_drops(self_ptr self) {
  auto& st = self->state;
  const auto total = st.plan.socket->kernel_drops();
  auto& told = st.plan.status.kernel_dropped;
  if (total == told)
    return;
  if (told == 0)
    spdlog::warn("listener '{}': the kernel drops datagrams; raise "
                 "receive_buffer and net.core.rmem_max",
                 st.plan.status.name);
  st.ledger->kernel_dropped(total - told, st.plan.socket_name,
                            st.plan.socket->raw_drops());
  told = total;
  self->send(st.telemetry, st.plan.status);
}

/// Passes on what has arrived. False: nothing came, or there is no credit.
bool receive(self_ptr self, std::chrono::milliseconds wait) {
  auto& st = self->state;
  // Without credit the datagrams stay with the kernel, whose drops count.
  auto token = st.credit->take(patience);
  if (!token)
    return false;
  auto batch = st.plan.socket->receive(wait);
  if (!batch) {
    spdlog::error("listener '{}': {}", st.plan.status.name, batch.error().what);
    self->quit(caf::make_error(caf::sec::runtime_error, batch.error().what));
    return false;
  }
  if (!*batch)
    return false;
  (*batch)->credit = std::move(token);
  st.ledger->received((*batch)->items.size());
  self->send(st.parser, std::move(*batch));
  return true;
}

void finish(self_ptr self) {
  self->state.stopped = true;
  const auto until = self->clock().now() + farewell;
  while (self->clock().now() < until && receive(self, 0ms)) {
    // Everything is in the call.
  }
  count_drops(self);
  self->quit();
}

} // namespace

ingest_actor::behavior_type ingest(self_ptr self, ingest_plan plan,
                                   parser_actor parser,
                                   telemetry_actor telemetry,
                                   std::shared_ptr<books> ledger) {
  auto& st = self->state;
  st.plan = std::move(plan);
  st.parser = std::move(parser);
  st.telemetry = std::move(telemetry);
  st.ledger = std::move(ledger);
  st.credit = std::make_shared<credit_line>(batches_in_flight);
  st.next_report = self->clock().now();
  // Also a socket without drops is known to whoever is handed it next.
  st.plan.socket->kernel_drops();
  st.ledger->kernel_dropped(0, st.plan.socket_name,
                            st.plan.socket->raw_drops());
  self->send(st.telemetry, st.plan.status);
  self->send(self, atoms::receive::value);
  return {
    [self](atoms::receive) {
      auto& s = self->state;
      if (s.stopped)
        return;
      receive(self, patience);
      if (self->clock().now() >= s.next_report) {
        s.next_report = self->clock().now() + report_interval;
        count_drops(self);
      }
      self->send(self, atoms::receive::value);
    },
    [self](atoms::stop) {
      finish(self);
      return caf::ok_atom::value;
    },
  };
}

} // namespace signalbox
