// How values are made harmless for the place where they are shown. Each
// function appends; literal text of a template is never escaped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace signalbox::escape {

/// Escapes one value for its destination.
using function = void (*)(std::string& out, std::string_view value);

/// As it is: for text that a JSON writer will quote.
void none(std::string& out, std::string_view value);

/// For terminals and logs: `append_clean`.
void plain(std::string& out, std::string_view value);

/// Slack's mrkdwn: `&`, `<`, `>` to entities, which also neutralises
/// `<!channel>` and links (docs.slack.dev, "Formatting message text").
void slack(std::string& out, std::string_view value);

/// The Markdown of Adaptive Cards: a backslash before what has a meaning.
void markdown(std::string& out, std::string_view value);

/// The inside of a JSON string, without its quotes.
void json(std::string& out, std::string_view value);

/// One level of an MQTT topic: `+`, `#`, `/` and control characters become
/// `_`, and so does an empty value (MQTT 3.1.1, 4.7).
void topic_level(std::string& out, std::string_view value);

} // namespace signalbox::escape

namespace signalbox {

/// The first `max` code points of valid UTF-8; the last one is an ellipsis if
/// anything was cut.
std::string shorten(std::string_view text, std::size_t max);

} // namespace signalbox
