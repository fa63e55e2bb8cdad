#include "destinations/mqtt/topics.hpp"

#include "destinations/options.hpp"
#include "endpoints/mqtt_broker.hpp"

#include <utility>

namespace signalbox::mqtt {

namespace {

// What Butler's users subscribe to.
constexpr std::array<std::string_view,
                     static_cast<std::size_t>(event_kind::count)>
  defaults{"qliksense/session/start", "qliksense/session/stop",
           "qliksense/connection/open", "qliksense/connection/close", ""};

/// An event with a value in every field, to try a template with.
event full_event() {
  event x;
  for (auto member :
       {&event::command, &event::host, &event::user_directory, &event::user_id,
        &event::origin, &event::context, &event::message, &event::app_id,
        &event::app_name, &event::user_agent, &event::browser,
        &event::browser_major, &event::os, &event::os_version,
        &event::external_id})
    x.*member = "x";
  return x;
}

/// The template at `key`; null if it is empty, or after a mistake.
std::optional<event_template> read_topic(config::section& options,
                                         std::string_view key,
                                         std::string_view fallback) {
  const auto text = options.text(key, std::string{fallback});
  if (text.empty())
    return std::nullopt;
  auto topic = parse_template(options, key, text, escape::topic_level);
  if (!topic)
    return std::nullopt;
  if (topic->has_raw_fields())
    options.mistake(key, "values in topics are always escaped: write "
                         "{{field}} with two braces");
  else if (auto ok = check_topic(topic->render(full_event())); !ok)
    options.mistake(key, ok.error().what);
  return topic;
}

} // namespace

std::optional<topic_table> topic_table::read(config::section options,
                                             bool may_be_empty) {
  topic_table made;
  auto any = false;
  for (std::size_t i = 0; i < kinds; ++i) {
    const auto key = to_string(static_cast<event_kind>(i));
    made.of_kind_[i] = read_topic(options, key, defaults[i]);
    any = any || made.of_kind_[i].has_value();
  }
  made.every_ = read_topic(options, "every", {});
  if (!options.good())
    return std::nullopt;
  if (any || made.every_ || may_be_empty)
    return made;
  options.mistake("", "all topics are empty: nothing would be published");
  return std::nullopt;
}

result<void> topic_table::render(std::vector<std::string>& to,
                                 const event& x) const {
  for (const auto* topic :
       {&of_kind_[static_cast<std::size_t>(x.kind)], &every_}) {
    if (!*topic)
      continue;
    auto& made = to.emplace_back((*topic)->render(x));
    // One without fields was checked when it was read.
    if (!(*topic)->has_fields())
      continue;
    if (auto ok = check_topic(made); !ok)
      return fail(errc::malformed, ok.error().what);
  }
  return {};
}

} // namespace signalbox::mqtt
