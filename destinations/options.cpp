#include "destinations/options.hpp"

#include <utility>

namespace signalbox {

std::optional<event_template> parse_template(config::section& options,
                                             std::string_view key,
                                             std::string_view text,
                                             escape::function escape) {
  auto parsed = event_template::parse(text, escape);
  if (parsed)
    return std::move(*parsed);
  options.mistake(key, parsed.error().what);
  return std::nullopt;
}

std::optional<event_template> read_template(config::section& options,
                                            std::string_view key,
                                            std::string_view fallback,
                                            escape::function escape) {
  const auto text = options.text_or_file(key, std::string{fallback});
  return parse_template(options, key, text, escape);
}

void refuse_digests(config::section& options) {
  if (options.text("excess") == "digest")
    options.mistake("excess", "digests are for people, and this kind speaks to "
                              "a machine; use \"wait\" or \"drop\"");
}

} // namespace signalbox
