// Mustache templates over the fields of an event.
#pragma once

#include "destinations/escape.hpp"
#include "messages/event.hpp"
#include "messages/failure.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox {

/// A template, parsed once. `{{field}}` inserts an escaped value,
/// `{{{field}}}` or `{{&field}}` the value as it is; `{{#field}}…{{/field}}` is
/// kept where the field has a value, `{{^field}}…{{/field}}` where it has none.
/// Partials and other delimiters are refused. Copies share what was parsed;
/// not thread-safe.
class event_template {
public:
  /// Fails, with line and column, on bad syntax and on unknown fields.
  static result<event_template> parse(std::string_view text,
                                      escape::function escape);

  /// The names that `parse` knows, besides `attributes.<name>`.
  static std::vector<std::string_view> field_names();

  void append_to(std::string& out, const event& x) const;

  [[nodiscard]] std::string render(const event& x) const;

  /// True when values are inserted as they are somewhere.
  [[nodiscard]] bool has_raw_fields() const noexcept;

  /// False when it is the same text for every event.
  [[nodiscard]] bool has_fields() const noexcept;

private:
  struct field;
  struct piece;
  struct sections;
  class scanner;
  class event_context;

  event_template() = default;

  escape::function escape_ = escape::none;
  std::size_t expected_length_ = 0; ///< Bytes of a text, roughly.
  std::shared_ptr<const std::vector<piece>> pieces_;
  std::shared_ptr<sections> sections_; ///< Null without `{{#…}}`, `{{^…}}`.
};

} // namespace signalbox
