// Few distinct user agents arrive, and parsing one is slow.
#pragma once

#include "formats/user_agent.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace signalbox {

/// Remembers what the rules said. Bounded: two generations of `most` texts;
/// when the younger is full, the older is forgotten. Not thread-safe.
class user_agent_cache {
public:
  static constexpr std::size_t most = 512;

  /// @param rules Null: every user agent is unknown.
  explicit user_agent_cache(std::shared_ptr<const user_agent_rules> rules);

  /// The reference holds until the next call.
  const user_agent& find(std::string_view text);

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view x) const noexcept {
      return std::hash<std::string_view>{}(x);
    }
  };

  using generation =
    std::unordered_map<std::string, user_agent, text_hash, std::equal_to<>>;

  const user_agent& add(std::string_view text, user_agent x);

  std::shared_ptr<const user_agent_rules> rules_;
  generation young_;
  generation old_;
  user_agent unknown_;
};

} // namespace signalbox
