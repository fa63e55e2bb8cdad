// Mustache templates over a command, for lamps that speak neither of the
// protocols that we know.
#pragma once

#include "config/section.hpp"
#include "lights/effect.hpp"
#include "messages/failure.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::lights {

/// A template, parsed once; copies share what was parsed. Not thread-safe.
///
/// | field | value |
/// |---|---|
/// | `{{r}}` `{{g}}` `{{b}}` | 0 to 255, the brightness left aside |
/// | `{{hex}}` | the same as "#00ff00", with the "#" |
/// | `{{brightness}}` `{{percent}}` | 0 to 255, 0 to 100 |
/// | `{{state}}` | "ON" or "OFF" |
/// | `{{effect}}` | "off", "on", "blink", "pulse" or "fade" |
/// | `{{period_ms}}` | of a blink or a pulse; how long a fade takes; 0 |
/// | `{{#on}}…{{/on}}` | kept for a lamp that is lit |
/// | `{{^on}}…{{/on}}` | kept for one that is dark |
///
/// When the lamp is dark all numbers are 0. Partials and other delimiters are
/// refused.
class command_template {
public:
  /// What is done to values: nothing, or percent-encoding.
  enum class values { plain, for_url };

  /// Fails, with line and column, on bad syntax and on unknown fields. The
  /// words quote nothing but tags.
  static result<command_template> parse(std::string_view text,
                                        values form = values::plain);

  /// The names that `parse` knows.
  static std::span<const std::string_view> field_names();

  [[nodiscard]] std::string render(const command& x) const;

  [[nodiscard]] bool uses(std::string_view field) const;

  /// False when it is the same text for every command.
  [[nodiscard]] bool has_fields() const noexcept {
    return !fields_.empty();
  }

private:
  struct compiled;

  command_template() = default;

  std::shared_ptr<compiled> compiled_;
  std::vector<std::string> fields_; ///< That the text mentions.
};

/// Parses what is at `key` (or in the file at `key_file`). Mistakes are
/// reported to the section.
std::optional<command_template> read_template(config::section& options,
                                              std::string_view key,
                                              std::string_view fallback);

} // namespace signalbox::lights
