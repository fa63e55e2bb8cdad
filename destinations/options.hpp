// Keys that several kinds of destinations read in the same way. Each reports
// mistakes to the section, at the key.
#pragma once

#include "config/section.hpp"
#include "destinations/escape.hpp"
#include "destinations/event_template.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox {

/// Parses `text`, which came from `key`; null after a mistake.
std::optional<event_template> parse_template(config::section& options,
                                             std::string_view key,
                                             std::string_view text,
                                             escape::function escape);

/// The template in `key` or in the file named by `key_file`, else `fallback`.
std::optional<event_template> read_template(config::section& options,
                                            std::string_view key,
                                            std::string_view fallback,
                                            escape::function escape);

/// `timeout`, which all destinations have.
std::chrono::milliseconds read_timeout(config::section& options);

/// For kinds that speak to machines: `excess = "digest"` is a mistake there,
/// since digests are for people.
void refuse_digests(config::section& options);

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
