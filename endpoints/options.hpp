// Keys that whoever reaches out reads in the same way.
#pragma once

#include "config/section.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace signalbox {

/// `timeout`, or `fallback`.
std::chrono::milliseconds
read_timeout(config::section& options,
             std::chrono::milliseconds fallback = std::chrono::seconds{10});

/// A secret that can be read again from its file, when the other side no
/// longer accepts it.
class renewable_secret {
public:
  renewable_secret() = default;

  explicit renewable_secret(config::secret x) : value_(std::move(x)) {
    // nop
  }

  [[nodiscard]] const std::string& reveal() const noexcept {
    return value_.reveal();
  }

  [[nodiscard]] bool empty() const noexcept {
    return value_.empty();
  }

  /// Reads the file again, if there is one; an unreadable or empty file
  /// changes nothing. Reads at most 64 KiB.
  void renew();

private:
  config::secret value_;
};

} // namespace signalbox
