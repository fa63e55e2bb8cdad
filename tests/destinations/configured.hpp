// A driver made from TOML, as `run` makes it, and events to hand to it.
#pragma once

#include "config/load.hpp"
#include "destinations/registry.hpp"
#include "messages/event.hpp"
#include "policy/digest.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::test {

/// A `[[destination]]` table, read by its kind's driver.
class configured {
public:
  /// @param keys The table's lines besides its name.
  explicit configured(std::string_view keys,
                      const std::string& file = "test.toml")
    : document_(config::document::parse(
      "[[destination]]\nname = \"it\"\n" + std::string{keys}, file,
      [](std::string_view) { return std::optional<std::string>{}; })) {
    for (const auto& x : document_.settings().destinations) {
      auto options = x.options;
      it = make_driver(x.kind, options);
    }
    for (const auto& x : document_.finish())
      mistakes.push_back(to_string(x));
  }

  /// All mistakes in one text; empty if there are none.
  [[nodiscard]] std::string complaint() const {
    std::string text;
    for (const auto& x : mistakes)
      text += x + "\n";
    return text;
  }

  driver_ptr it;
  std::vector<std::string> mistakes;

private:
  config::document document_;
};

/// The event that the specification's examples are about.
inline event goran() {
  using namespace std::chrono;
  event x;
  x.id = {0x0193'5f2a'1b7b'7001, 0x8000'0000'0000'0001};
  x.kind = event_kind::session_start;
  x.command = "Start session";
  x.host = "pro2-win1";
  x.user_directory = "LAB";
  x.user_id = "goran";
  // 2026-11-22 09:15:02.123 UTC
  x.received = wall_time{1'795'338'902'123ms};
  return x;
}

/// As `goran`, but full of what has a meaning somewhere.
inline event mallory() {
  auto x = goran();
  x.host = "<!channel> \"a\\b\"";
  x.user_directory = "LAB\\x";
  x.user_id = "[click](http://evil) *b* _i_ `c` #1 & +/# \xF0\x9F\x98\x80";
  return x;
}

inline result<delivery_request> shape(driver& x, const event& what,
                                      std::string_view key = "key-1") {
  const std::array<const event*, 1> events{&what};
  return x.shape(events, key);
}

inline http_request http(driver& x, const event& what,
                         std::string_view key = "key-1") {
  return std::get<http_request>(shape(x, what, key).value());
}

inline std::string header(const http_request& x, std::string_view name) {
  for (const auto& [key, value] : x.headers)
    if (key == name)
      return value;
  return "(absent)";
}

/// 1,234 events of two kinds within ten seconds.
inline digest storm() {
  using namespace std::chrono_literals;
  digest sum;
  for (auto i = 0; i < 1234; ++i) {
    auto x = i % 3 == 0 ? mallory() : goran();
    x.kind = i % 4 == 0 ? event_kind::session_stop : event_kind::session_start;
    x.app_name = "Sales *dashboard*";
    x.received += i * 8ms;
    sum.add(x);
  }
  return sum;
}

/// More long names than a digest can hold, all of them full of markup.
inline digest hostile_flood() {
  digest sum;
  for (auto i = 0; i < 5000; ++i) {
    const auto name = std::to_string(i) + std::string(3000, '<');
    auto x = goran();
    x.user_id = name;
    x.host = name;
    x.app_name = name;
    sum.add(x);
  }
  return sum;
}

} // namespace signalbox::test
