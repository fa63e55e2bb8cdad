// Who is active now, shown beside a destination's events.
#pragma once

#include "destinations/driver.hpp"
#include "messages/delivery.hpp"
#include "messages/status.hpp"

#include <optional>
#include <string>

namespace signalbox {

/// Shows somewhere who is active now. That is state, not a queue: only what is
/// not shown yet is sent, and the last picture wins. Not thread-safe; all calls
/// come from its `session_board` actor.
///
/// Call order: `open_transport` once, then `shape` or `probe`, each followed,
/// after its answer, by `judge`.
class session_publisher {
public:
  virtual ~session_publisher() = default;

  virtual transport_choice open_transport() = 0;

  /// A request with what the other side does not show yet; empty if it shows
  /// all, as far as we know.
  virtual std::optional<delivery_request> shape(const session_picture& x) = 0;

  /// A request that shows nothing: its answer tells whether the other side is
  /// still the one that was told.
  virtual delivery_request probe() = 0;

  /// What came of the last request: empty if it went well, else why not. Then
  /// everything is shown again.
  virtual std::string judge(const delivery_answer& answer) = 0;
};

} // namespace signalbox
