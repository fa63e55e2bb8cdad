// From a datagram to events, whatever the sender speaks.
#pragma once

#include "formats/app_names.hpp"
#include "formats/reject.hpp"
#include "formats/user_agent.hpp"
#include "formats/wire_options.hpp"
#include "messages/datagram_batch.hpp"
#include "messages/event.hpp"
#include "messages/event_batch.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace signalbox {

/// Parses datagrams of one listener. Not thread-safe: one per parser actor.
/// Keeps its buffers between calls.
class wire_parser {
public:
  struct options {
    wire_format format = wire_format::automatic;
    wire_encoding encoding = wire_encoding::utf8;
    /// Rules shared by all parsers; null: user agents are not parsed.
    std::shared_ptr<const user_agent_rules> user_agents;
    /// Null: apps have no names.
    std::shared_ptr<const app_names> apps;
  };

  wire_parser(options opts, id_source ids);
  ~wire_parser();
  wire_parser(wire_parser&&) noexcept;

  /// Appends the datagram's events to `out`, whose wire must be `batch`.
  /// Of several JSON records the good ones are kept and the bad ones counted.
  /// @return A reject when no event came of it.
  std::optional<reject> parse(const datagram_batch& batch, const datagram& x,
                              event_batch& out);

  /// From now on apps have these names; null: none.
  void use(std::shared_ptr<const app_names> apps) noexcept;

  /// Bad records inside datagrams that also held good ones, since ever.
  [[nodiscard]] std::uint64_t bad_records() const noexcept;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace signalbox
