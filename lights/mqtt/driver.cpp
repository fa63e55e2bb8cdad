// MQTT: a lamp that listens to a broker, in the words of its kind or in those
// of a template.
#include "lights/driver.hpp"

#include "config/suggest.hpp"
#include "endpoints/mqtt_broker.hpp"
#include "endpoints/options.hpp"
#include "lights/command_template.hpp"
#include "lights/mqtt/schemas.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::lights {

driver_ptr make_mqtt(config::section& options);

namespace {

using namespace std::chrono_literals;

struct topic_of_color {
  rgb color; ///< Black: the lamp is dark.
  std::string topic;
};

struct lamp_options {
  /// The one message of a command; none: there is nothing to say.
  std::function<std::optional<mqtt_publication>(const command&)> say;
  bool by_itself = false;   ///< The lamp does blinks and pulses.
  duration reassert = 1min; ///< As in `capabilities`.
  int qos = 1;
  bool retain = false;
  std::chrono::milliseconds timeout{};
};

class mqtt_lamp final : public driver {
public:
  mqtt_lamp(net::mqtt_options broker, lamp_options options)
    : broker_(std::move(broker)), options_(std::move(options)) {
    // nop
  }

  [[nodiscard]] capabilities can() const override {
    return {.max_rate = 5,
            .burst = 1,
            .blinks = options_.by_itself,
            .pulses = options_.by_itself,
            .reassert = options_.reassert};
  }

  transport_choice open_transport() override {
    return broker_;
  }

  std::vector<delivery_request> shape(const command& x,
                                      const command*) override {
    auto message = options_.say(x);
    if (!message)
      return {};
    mqtt_request request;
    request.publications.push_back(std::move(*message));
    request.qos = options_.qos;
    request.retain = options_.retain;
    request.timeout = options_.timeout;
    return {std::move(request)};
  }

  verdict judge(const delivery_answer& answer, wall_time) override {
    auto x = judge_mqtt(std::get<mqtt_answer>(answer));
    if (x.what == outcome::destination_fault)
      x.reason += ": check username and password, and what the broker allows "
                  "this user";
    return x;
  }

private:
  net::mqtt_options broker_;
  lamp_options options_;
};

/// A topic that is the same for all commands.
std::string read_fixed_topic(config::section& options) {
  auto topic = options.text("topic");
  if (topic.empty()) {
    options.require("topic");
  } else if (auto ok = mqtt::check_topic(topic); !ok) {
    options.mistake("topic", ok.error().what);
  } else if (topic.find("{{") != std::string::npos) {
    options.mistake("topic", "is no template with this schema, which makes the "
                             "topics itself");
  }
  return topic;
}

/// A template for topics, tried with a lamp that is lit and one that is dark.
std::optional<command_template> read_topic_template(config::section& options) {
  auto topic = read_template(options, "topic", {});
  if (!topic)
    return std::nullopt;
  for (const auto& x :
       {command{.what = show::on, .color = {rgb{0, 255, 0}}}, command{}})
    if (auto ok = mqtt::check_topic(topic->render(x)); !ok)
      options.mistake("topic", ok.error().what);
  return topic;
}

std::vector<topic_of_color> read_topics(config::section& options) {
  std::vector<topic_of_color> table;
  for (auto& [name, topic] : options.table_of_texts("topics")) {
    const auto color = parse_color(name);
    if (!color) {
      options.mistake(
        "topics", fmt::format("unknown color '{}'{}; write \"off\" for a "
                              "lamp that is dark",
                              name, config::did_you_mean(name, color_names())));
      continue;
    }
    if (auto ok = mqtt::check_topic(topic); !ok)
      options.mistake("topics", fmt::format("{}: {}", name, ok.error().what));
    if (std::ranges::find(table, color->mix, &topic_of_color::color)
        != table.end())
      options.mistake("topics", fmt::format("'{}' is a color that has a topic "
                                            "already",
                                            name));
    table.push_back({color->mix, std::move(topic)});
  }
  if (table.empty())
    options.mistake("topics", "has no color: nothing would be published");
  return table;
}

/// The topic follows the colour. Whoever listens takes a message for
/// something that happens now: it is never repeated, and nothing is toggled.
void read_topics_by_color(config::section& options, lamp_options& made) {
  if (!options.text("topic").empty())
    options.mistake("topic", "and 'topics' both say where to publish; give one "
                             "of them");
  auto payload = read_template(options, "payload", "{{hex}}");
  auto table = read_topics(options);
  if (!payload)
    return;
  made.by_itself = true;
  made.reassert = std::chrono::years(1);
  made.say = [table = std::move(table), payload = std::move(*payload)](
               const command& x) -> std::optional<mqtt_publication> {
    const auto color = x.what == show::off ? rgb{} : x.color.mix;
    const auto row = std::ranges::find(table, color, &topic_of_color::color);
    if (row == table.end())
      return std::nullopt;
    return mqtt_publication{row->topic, payload.render(x)};
  };
}

void read_templates(config::section& options, lamp_options& made) {
  if (options.has("topics")) {
    read_topics_by_color(options, made);
    return;
  }
  options.require("topic");
  auto payload = read_template(options, "payload", "{{hex}}");
  auto topic = read_topic_template(options);
  if (!payload || !topic)
    return;
  // Whoever wants to hear of effects can do them.
  made.by_itself = payload->uses("effect") || topic->uses("effect");
  made.say = [topic = std::move(*topic), payload = std::move(*payload)](
               const command& x) -> std::optional<mqtt_publication> {
    return mqtt_publication{topic.render(x), payload.render(x)};
  };
}

void read_schema(config::section& options, lamp_options& made) {
  constexpr std::array<schemas::wording, 5> wordings{
    nullptr, schemas::zigbee2mqtt, schemas::tasmota, schemas::wled,
    schemas::home_assistant};
  const auto wording = wordings.at(options.choice(
    "schema", 0,
    {"template", "zigbee2mqtt", "tasmota", "wled", "home_assistant"}));
  if (wording == nullptr) {
    read_templates(options, made);
    return;
  }
  constexpr auto not_here = "is for schema = \"template\" only";
  if (!options.text_or_file("payload").empty())
    options.mistake("payload", not_here);
  if (!options.table_of_texts("topics").empty())
    options.mistake("topics", not_here);
  made.by_itself = wording == schemas::wled;
  made.say = [wording, topic = read_fixed_topic(options)](
               const command& x) -> std::optional<mqtt_publication> {
    return wording(topic, x);
  };
}

} // namespace

driver_ptr make_mqtt(config::section& options) {
  lamp_options made;
  auto broker = read_broker(options);
  broker.client_id = options.text("client_id");
  made.qos = static_cast<int>(options.integer("qos", 1, 0, 2));
  made.retain = options.flag("retain", false);
  made.timeout = read_timeout(options, 5s);
  read_schema(options, made);
  if (!options.good())
    return nullptr;
  return std::make_unique<mqtt_lamp>(std::move(broker), std::move(made));
}

} // namespace signalbox::lights
