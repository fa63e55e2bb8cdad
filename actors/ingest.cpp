#include "actors/ingest.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <cstddef>
#include <thread>
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

// What the kernel counts against the buffer for a datagram of a usual length:
// the least that it allocates, and its own notes.
constexpr std::size_t kernel_bytes = 1280;

// The part of the buffer that may fill while nobody looks; the rest is for
// bursts.
constexpr std::size_t part_for_rounds = 4;

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

std::size_t largest_round(const net::udp_socket& x) {
  return x.receive_buffer() / part_for_rounds / kernel_bytes;
}

/// Passes on what has arrived, and tells how many that were. None: nothing
/// came, or there is no credit.
std::size_t receive(self_ptr self, std::chrono::milliseconds wait) {
  auto& st = self->state;
  // Without credit the datagrams stay with the kernel, whose drops count.
  auto token = st.credit->take(patience);
  if (!token)
    return 0;
  auto batch = st.plan.socket->receive(wait);
  if (!batch) {
    spdlog::error("listener '{}': {}", st.plan.status.name, batch.error().what);
    self->quit(caf::make_error(caf::sec::runtime_error, batch.error().what));
    return 0;
  }
  if (!*batch)
    return 0;
  const auto received = (*batch)->items.size();
  (*batch)->credit = std::move(token);
  st.ledger->received(received);
  self->send(st.parser, std::move(*batch));
  return received;
}

void finish(self_ptr self) {
  self->state.stopped = true;
  const auto until = self->clock().now() + farewell;
  while (self->clock().now() < until && receive(self, 0ms) > 0) {
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
  st.pace.emplace(datagram_batch::max_datagrams,
                  largest_round(*st.plan.socket));
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
      const auto received = receive(self, patience);
      if (received > 0)
        std::this_thread::sleep_for(
          s.pace->pause_after(received, self->clock().now()));
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
