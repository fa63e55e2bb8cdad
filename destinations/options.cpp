#include "destinations/options.hpp"

#include <cstddef>
#include <fstream>
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

std::chrono::milliseconds read_timeout(config::section& options) {
  using std::chrono::milliseconds;
  using namespace std::chrono_literals;
  return std::chrono::duration_cast<milliseconds>(options.time("timeout", 10s));
}

void renewable_secret::renew() {
  if (value_.file().empty())
    return;
  std::ifstream in{value_.file(), std::ios::binary};
  constexpr std::size_t limit = 65'536;
  std::string text(limit, '\0');
  in.read(text.data(), static_cast<std::streamsize>(limit));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.ends_with('\n'))
    text.pop_back();
  if (text.ends_with('\r'))
    text.pop_back();
  if (!text.empty())
    value_ = config::secret{std::move(text), value_.file()};
}

} // namespace signalbox
