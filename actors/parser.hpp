// The PARSER actor: from datagrams to events.
#pragma once

#include "formats/wire_parser.hpp"
#include "messages/actors.hpp"
#include "net/cidr.hpp"
#include "policy/ledger.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox {

/// What the parser of one listener needs to know.
struct parser_plan {
  std::string listener;
  wire_parser::options formats;
  std::optional<std::vector<net::cidr>> allow; ///< Absent: anyone.
  id_source ids;
};

/// Rejected datagrams that are logged each second; the rest is only counted.
inline constexpr unsigned reject_samples = 5;

struct parser_state {
  static inline constexpr const char* name = "parser";

  std::string listener;
  std::optional<std::vector<net::cidr>> allow;
  std::unique_ptr<wire_parser> formats;
  limiter_actor limiter;
  std::shared_ptr<books> ledger;
  mono_time sample_second; ///< Start of the second that samples belong to.
  unsigned samples = 0;
  std::uint64_t unlogged = 0;
};

parser_actor::behavior_type
parser(parser_actor::stateful_pointer<parser_state> self, parser_plan plan,
       limiter_actor limiter, std::shared_ptr<books> ledger);

} // namespace signalbox
