// MQTT: one publication an event, to a topic that follows the command.
#include "destinations/driver.hpp"

#include "config/section.hpp"
#include "destinations/event_template.hpp"
#include "destinations/mqtt/session_board.hpp"
#include "destinations/mqtt/topics.hpp"
#include "destinations/options.hpp"
#include "endpoints/mqtt_broker.hpp"
#include "endpoints/options.hpp"
#include "formats/event_json.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace signalbox {

namespace {

constexpr std::int64_t default_batch = 64; // publications' window, thrice over
constexpr std::int64_t max_batch = 1000;   // events
constexpr std::int64_t max_concurrency = 1000;
constexpr std::string_view text_payload = "{{host}}: {{user}}";

/// JSON by a function, anything else by a template.
struct payload_form {
  void (*append_json)(std::string& out, const event& x) = nullptr;
  std::optional<event_template> text;

  [[nodiscard]] std::string render(const event& x) const {
    if (text)
      return text->render(x);
    std::string out;
    append_json(out, x);
    return out;
  }
};

struct publishing_options {
  mqtt::topic_table topics;
  payload_form payload;
  int qos = 1;
  bool retain = false;
  std::chrono::milliseconds timeout{};
  std::size_t batch = 1;
  bool in_order = true; ///< One request at a time.
};

class mqtt_driver final : public driver {
public:
  mqtt_driver(net::mqtt_options broker, publishing_options options,
              std::optional<mqtt::session_board> sessions)
    : broker_(std::move(broker)),
      options_(std::move(options)),
      sessions_(std::move(sessions)) {
    // nop
  }

  [[nodiscard]] destination_traits traits() const override {
    return {.excess = excess_policy::wait, .batch = options_.batch};
  }

  transport_choice open_transport() override {
    return broker_;
  }

  [[nodiscard]] std::unique_ptr<session_publisher> sessions() const override {
    return sessions_ ? std::make_unique<mqtt::session_board>(*sessions_)
                     : nullptr;
  }

  result<delivery_request> shape(std::span<const event* const> events,
                                 std::string_view) override {
    mqtt_request request = empty_request();
    request.publications.reserve(events.size());
    shaped_.clear();
    for (const auto* x : events) {
      topics_.clear();
      if (auto ok = options_.topics.render(topics_, *x); !ok)
        return tl::unexpected(ok.error());
      for (auto& topic : topics_)
        request.publications.push_back(
          {std::move(topic), options_.payload.render(*x)});
      shaped_.push_back(request.publications.size());
    }
    return request;
  }

  std::optional<delivery_request> probe() override {
    return empty_request();
  }

  verdict judge(const delivery_answer& answer, wall_time) override {
    auto x = judge_mqtt(std::get<mqtt_answer>(answer));
    // An event can have no, one or two publications: count whole events. With
    // several requests under way nobody knows which one this answers; then
    // what was published is published again.
    const auto whole =
      std::ranges::upper_bound(shaped_, x.done) - shaped_.begin();
    x.done = options_.in_order ? static_cast<std::size_t>(whole) : 0;
    return x;
  }

private:
  [[nodiscard]] mqtt_request empty_request() const {
    mqtt_request x;
    x.qos = options_.qos;
    x.retain = options_.retain;
    x.timeout = options_.timeout;
    return x;
  }

  net::mqtt_options broker_;
  publishing_options options_;
  std::optional<mqtt::session_board> sessions_;
  /// Of the last request: how many publications its first n events have.
  std::vector<std::size_t> shaped_;
  std::vector<std::string> topics_; ///< Of one event; reused.
};

/// "online" while we are connected, "offline" from then on, for whoever
/// subscribes whenever.
void read_status_topic(config::section& options, net::mqtt_options& broker,
                       int qos) {
  const auto topic = options.text("status_topic");
  if (topic.empty())
    return;
  if (auto ok = mqtt::check_topic(topic); !ok)
    options.mistake("status_topic", ok.error().what);
  broker.online = net::mqtt_notice{topic, "online", qos, true};
  broker.last_will = net::mqtt_notice{topic, "offline", qos, true};
}

payload_form read_payload(config::section& options) {
  const auto text = options.text_or_file("payload", "text");
  if (text == "json")
    return {append_json, std::nullopt};
  if (text == "sos")
    return {append_sos_json, std::nullopt};
  auto form = parse_template(
    options, "payload", text == "text" ? text_payload : text, escape::plain);
  if (form && !form->has_fields())
    options.mistake("payload", "is neither \"text\", \"json\" nor \"sos\" nor "
                               "a template (it has no {{field}})");
  return {nullptr, std::move(form)};
}

} // namespace

driver_ptr make_mqtt(config::section& options) {
  refuse_digests(options);
  publishing_options made;
  auto broker = read_broker(options);
  made.qos = static_cast<int>(options.integer("qos", 1, 0, 2));
  made.retain = options.flag("retain", false);
  made.timeout = read_timeout(options);
  read_status_topic(options, broker, made.qos);
  made.payload = read_payload(options);
  made.batch = static_cast<std::size_t>(
    options.integer("batch", default_batch, 1, max_batch));
  made.in_order = options.integer("concurrency", 1, 1, max_concurrency) == 1;
  auto sessions =
    mqtt::session_board::read(options, broker, made.qos, made.timeout);
  auto topics =
    mqtt::topic_table::read(options.table("topics"), sessions.has_value());
  if (!topics || !options.good())
    return nullptr;
  made.topics = std::move(*topics);
  return std::make_unique<mqtt_driver>(std::move(broker), std::move(made),
                                       std::move(sessions));
}

} // namespace signalbox
