// The INGEST actor: one socket, one thread, batches.
#pragma once

#include "messages/actors.hpp"
#include "net/udp_socket.hpp"
#include "policy/ledger.hpp"
#include "policy/receive_pace.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace signalbox {

/// Batches that one ingest may have on the way to the journal.
inline constexpr std::uint32_t batches_in_flight = 256;

/// One socket of one listener.
struct ingest_plan {
  listener_status status; ///< Name, address and buffers are filled in.
  std::shared_ptr<net::udp_socket> socket;
  std::string socket_name; ///< See `ledger::socket_drops`.
};

struct ingest_state {
  static inline constexpr const char* name = "ingest";

  ingest_plan plan;
  parser_actor parser;
  telemetry_actor telemetry;
  std::shared_ptr<books> ledger;
  std::shared_ptr<credit_line> credit;
  std::optional<receive_pace> pace;
  mono_time next_report;
  bool stopped = false;
};

/// Runs on a thread of its own: it waits in the kernel.
ingest_actor::behavior_type
ingest(ingest_actor::stateful_pointer<ingest_state> self, ingest_plan plan,
       parser_actor parser, telemetry_actor telemetry,
       std::shared_ptr<books> ledger);

} // namespace signalbox
