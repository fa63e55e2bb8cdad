// Webhook: our event JSON, CloudEvents, or a template, to any HTTP server.
#include "destinations/driver.hpp"

#include "config/section.hpp"
#include "destinations/event_template.hpp"
#include "destinations/options.hpp"
#include "destinations/webhook/signature.hpp"
#include "endpoints/http_endpoint.hpp"
#include "endpoints/http_headers.hpp"
#include "endpoints/options.hpp"
#include "formats/event_json.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace signalbox {

namespace {

constexpr std::int64_t max_batch = 1000; // events
constexpr std::array<std::string_view, 3> methods{"POST", "PUT", "PATCH"};

/// The two bodies that batch; a template stands for one event.
struct json_form {
  void (*append)(std::string& out, const event& x);
  std::string_view content_type;
  std::string_view batch_content_type;
};

constexpr json_form own_json{append_json, "application/json",
                             "application/json"};
// CloudEvents 1.0, "HTTP Protocol Binding", 3.2 and 3.3.
constexpr json_form cloud_events{append_cloudevent,
                                 "application/cloudevents+json",
                                 "application/cloudevents-batch+json"};

struct webhook_options {
  std::string method;
  http_headers headers;
  renewable_secret hmac_key;
  std::size_t batch = 1;
  json_form json = own_json;
  std::optional<event_template> body; ///< Instead of `json`.
};

class webhook_driver final : public driver {
public:
  webhook_driver(http_endpoint endpoint, webhook_options options)
    : endpoint_(std::move(endpoint)), options_(std::move(options)) {
    // nop
  }

  [[nodiscard]] destination_traits traits() const override {
    return {.excess = excess_policy::wait, .batch = options_.batch};
  }

  [[nodiscard]] std::string account() const override {
    return endpoint_.account() + options_.headers.account();
  }

  transport_choice open_transport() override {
    return use_http{};
  }

  result<delivery_request> shape(std::span<const event* const> events,
                                 std::string_view key) override {
    if (options_.body)
      return request(options_.body->render(*events.front()),
                     own_json.content_type, key);
    std::string body;
    if (options_.batch == 1) {
      options_.json.append(body, *events.front());
      return request(std::move(body), options_.json.content_type, key);
    }
    for (const auto* x : events) {
      body += body.empty() ? '[' : ',';
      options_.json.append(body, *x);
    }
    body += ']';
    return request(std::move(body), options_.json.batch_content_type, key);
  }

  std::optional<delivery_request> probe() override {
    return endpoint_.probe();
  }

  verdict judge(const delivery_answer& answer, wall_time now) override {
    auto x = judge_http(std::get<http_answer>(answer), now);
    if (x.what == outcome::destination_fault)
      renew();
    return x;
  }

private:
  delivery_request request(std::string body, std::string_view content_type,
                           std::string_view key) const {
    std::string signature;
    if (!options_.hmac_key.empty())
      signature = webhook::signature(options_.hmac_key.reveal(), body);
    auto x = endpoint_.post(std::move(body), content_type, key);
    x.method = options_.method;
    if (!signature.empty())
      x.headers.emplace_back("X-Signature-256", std::move(signature));
    options_.headers.add_to(x);
    return x;
  }

  void renew() {
    endpoint_.renew();
    options_.hmac_key.renew();
    options_.headers.renew();
  }

  http_endpoint endpoint_;
  webhook_options options_;
};

renewable_secret read_hmac_key(config::section& options) {
  if (!options.has("hmac"))
    return {};
  auto hmac = options.table("hmac");
  renewable_secret key{hmac.secret_text("key")};
  if (key.empty())
    hmac.mistake("key", "is required: the shared secret, or key_file = the "
                        "file that holds it");
  return key;
}

void read_body(config::section& options, webhook_options& made) {
  const auto text = options.text_or_file("body", "json");
  if (text == "json")
    return;
  if (text == "cloudevents") {
    made.json = cloud_events;
    return;
  }
  made.body = parse_template(options, "body", text, escape::json);
  if (made.body && !made.body->has_fields())
    options.mistake("body", "is neither \"json\" nor \"cloudevents\" nor a "
                            "template (it has no {{field}})");
  if (made.batch > 1)
    options.mistake("batch", "must be 1 with a template, which makes the body "
                             "of one event");
}

} // namespace

driver_ptr make_webhook(config::section& options) {
  refuse_digests(options);
  auto endpoint = http_endpoint::read(options);
  webhook_options made;
  made.method = methods.at(
    options.choice("method", 0, {methods[0], methods[1], methods[2]}));
  made.headers = http_headers::read(options, "headers");
  made.hmac_key = read_hmac_key(options);
  made.batch =
    static_cast<std::size_t>(options.integer("batch", 1, 1, max_batch));
  read_body(options, made);
  if (!endpoint || !options.good())
    return nullptr;
  return std::make_unique<webhook_driver>(std::move(*endpoint),
                                          std::move(made));
}

} // namespace signalbox
