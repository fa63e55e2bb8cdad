// Headers that people configure: a table of secrets, which may come from files.
#pragma once

#include "config/section.hpp"
#include "endpoints/options.hpp"
#include "messages/delivery.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox {

class http_headers {
public:
  /// Reads the table at `key`. Names that are no tokens and values with a line
  /// break are mistakes.
  static http_headers read(config::section& options, std::string_view key);

  /// Puts them into the request, in place of those of the same name.
  void add_to(http_request& request) const;

  /// Their part of a destination's account; holds secrets.
  [[nodiscard]] std::string account() const;

  /// Reads the files again, after an answer that blames a secret.
  void renew();

private:
  std::vector<std::pair<std::string, renewable_secret>> headers_;
};

} // namespace signalbox
