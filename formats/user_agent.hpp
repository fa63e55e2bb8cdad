// Browser and operating system from a User-Agent text.
#pragma once

#include "messages/failure.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace signalbox {

/// What a user agent says of itself; empty where it does not.
struct user_agent {
  std::string browser;
  std::string browser_major;
  std::string os;
  std::string os_version;
};

/// The compiled rules of uap-core. Immutable; safe to use from any thread.
class user_agent_rules {
public:
  /// Reads uap-core's regexes.yaml (Debian: /usr/share/uap-core/).
  static result<std::shared_ptr<const user_agent_rules>>
  load(const std::filesystem::path& regexes_yaml);

  ~user_agent_rules();

  /// Slow (hundreds of expressions): callers cache. Only the first
  /// `longest` bytes are looked at, so that a hostile text stays cheap.
  [[nodiscard]] user_agent parse(std::string_view text) const;

  /// Rules left out because RE2 cannot compile them.
  [[nodiscard]] std::size_t skipped() const noexcept;

  static constexpr std::size_t longest = 512;

private:
  struct impl;
  explicit user_agent_rules(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

} // namespace signalbox
