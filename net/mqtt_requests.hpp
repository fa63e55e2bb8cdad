// What mqtt_client keeps of its requests; of use to it only.
#pragma once

#include "messages/clock.hpp"
#include "messages/delivery.hpp"
#include "net/mqtt_client.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace signalbox::net {

/// A request that has not been answered yet.
struct open_request {
  mqtt_request request;
  mqtt_client::on_answer done;
  mono_time deadline;
  std::size_t handed_over = 0;    ///< Publications, from the first.
  std::vector<bool> acknowledged; ///< One for each publication.
  std::string error;              ///< Set: can never be sent.

  [[nodiscard]] std::size_t certain_prefix() const {
    const auto end = std::find(acknowledged.begin(), acknowledged.end(), false);
    return static_cast<std::size_t>(end - acknowledged.begin());
  }

  /// Whether the broker has all of it. A request without publications waits
  /// for a connection instead.
  [[nodiscard]] bool complete() const {
    return !acknowledged.empty() && certain_prefix() == acknowledged.size();
  }
};

/// A message that the broker has not acknowledged yet.
struct outstanding_message {
  int id = 0;
  open_request* owner = nullptr; ///< Null: nobody waits for it (any more).
  std::size_t index = 0;         ///< In the owner's publications.
};

} // namespace signalbox::net
