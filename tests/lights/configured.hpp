// A lamp made from TOML, as `run` makes it.
#pragma once

#include "config/load.hpp"
#include "lights/driver.hpp"
#include "lights/light_rules.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::test {

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
      it = lights::make_driver(x.driver, options);
      rules = lights::read_light_rules(options);
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

  lights::driver_ptr it;
  lights::light_rules rules;
  std::vector<std::string> mistakes;

private:
  config::document document_;
};

} // namespace signalbox::test
