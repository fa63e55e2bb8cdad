// The user agents of one batch of events.
#pragma once

#include "formats/user_agent_cache.hpp"
#include "messages/event_batch.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

namespace signalbox {

/// Names browsers for the events of a batch. The few user agents that a batch
/// repeats are recognised by comparison, which is cheaper than a hash of the
/// text, and share one copy of their names in the batch's arena. Not
/// thread-safe.
class batch_user_agents {
public:
  /// Views into the batch.
  struct names {
    std::string_view browser;
    std::string_view browser_major;
    std::string_view os;
    std::string_view os_version;
  };

  /// @param rules Null: every user agent is unknown.
  explicit batch_user_agents(std::shared_ptr<const user_agent_rules> rules);

  /// To be called before the first event of each batch.
  void begin() noexcept {
    size_ = 0;
  }

  /// @param text Lives as long as `out`.
  names find(std::string_view text, event_batch& out);

private:
  struct entry {
    std::string_view text;
    names known;
  };

  user_agent_cache cache_;
  std::array<entry, 8> recent_;
  std::size_t size_ = 0; ///< Of `recent_`, since `begin`.
  std::size_t next_ = 0; ///< Where the next one goes when it is full.
};

} // namespace signalbox
