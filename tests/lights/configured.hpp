// A lamp's driver made from TOML, as `run` makes it, and commands for it.
#pragma once

#include "config/load.hpp"
#include "lights/driver.hpp"
#include "lights/light_rules.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace signalbox::lights::test {

/// A `[[light]]` table, read by its driver.
class configured {
public:
  /// @param keys The table's lines besides its name.
  explicit configured(std::string_view keys,
                      const std::string& file = "test.toml")
    : document_(config::document::parse(
      "[[light]]\nname = \"it\"\n" + std::string{keys}, file,
      [](std::string_view) { return std::optional<std::string>{}; })) {
    for (const auto& x : document_.settings().lights) {
      auto options = x.options;
      it = make_driver(x.driver, options);
      rules = read_light_rules(options);
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
  light_rules rules;
  std::vector<std::string> mistakes;

private:
  config::document document_;
};

inline command on(std::string_view color, double brightness = 1) {
  return {.what = show::on,
          .color = parse_color(color).value(),
          .brightness = brightness};
}

inline command fade(std::string_view color, duration period) {
  auto x = on(color);
  x.what = show::fade;
  x.period = period;
  return x;
}

inline command off() {
  return {};
}

/// The HTTP request of a command that has one.
inline http_request http(driver& x, const command& what) {
  return std::get<http_request>(x.shape(what, nullptr).at(0));
}

inline std::string header(const http_request& x, std::string_view name) {
  for (const auto& [key, value] : x.headers)
    if (key == name)
      return value;
  return "(absent)";
}

inline verdict judge(driver& x, int status, std::string body = {}) {
  http_answer answer;
  answer.status = status;
  answer.body = std::move(body);
  return x.judge(answer, {});
}

} // namespace signalbox::lights::test
