// Which topics tell who is active now.
#pragma once

#include "config/section.hpp"
#include "destinations/event_template.hpp"
#include "messages/delivery.hpp"
#include "messages/status.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::mqtt {

/// Turns pictures into publications, and knows what the broker shows already.
/// Payloads: a number; a JSON array of user ids; a number a server.
class session_topics {
public:
  /// Server topics and user ids beyond these are not published.
  static constexpr std::size_t max_servers = 1'000;
  static constexpr std::size_t max_usernames = 10'000;

  session_topics() = default;

  /// `active_count`, `active_usernames` and `active_per_server` of
  /// `[destination.topics]`. Mistakes go to the section.
  static session_topics read(config::section topics);

  /// Whether there is no topic at all.
  [[nodiscard]] bool empty() const noexcept {
    return count_.empty() && usernames_.empty() && !per_server_;
  }

  /// What `x` differs in from what the broker shows. A server that is not in
  /// the picture any more has nobody.
  std::vector<mqtt_publication> changes(const session_picture& x);

  /// The broker has the first `n` of the last changes.
  void published(std::size_t n);

  /// It is not known any more what the broker shows.
  void forget();

private:
  std::string count_; ///< Empty: not published; so are the others.
  std::string usernames_;
  std::optional<event_template> per_server_;
  /// By topic; without a payload it is not known.
  std::map<std::string, std::optional<std::string>> shown_;
  std::vector<mqtt_publication> last_;
};

} // namespace signalbox::mqtt
