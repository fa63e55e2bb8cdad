// Webhook: our event JSON, CloudEvents, or a template, to any HTTP server.
#include "destinations/driver.hpp"

#include "config/section.hpp"
#include "destinations/event_template.hpp"
#include "destinations/options.hpp"
#include "destinations/webhook/signature.hpp"
#include "endpoints/http_endpoint.hpp"
#include "endpoints/options.hpp"
#include "formats/event_json.hpp"
#include "policy/plain_text.hpp"

#include <algorithm>
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

using header_list = std::vector<std::pair<std::string, renewable_secret>>;

struct webhook_options {
  std::string method;
  header_list headers;
  renewable_secret hmac_key;
  std::size_t batch = 1;
  json_form json = own_json;
  std::optional<event_template> body; ///< Instead of `json`.
};

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char x) {
    return x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

/// RFC 9110, 5.6.2: a token.
bool is_header_name(std::string_view x) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !x.empty() && std::ranges::all_of(x, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
           || (c >= 'a' && c <= 'z') || others.find(c) != others.npos;
  });
}

/// RFC 9110, 5.5: no control characters; a line break would add a header.
bool is_header_value(std::string_view x) {
  return std::ranges::none_of(x, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
}

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
    auto text = endpoint_.account();
    for (const auto& [name, value] : options_.headers)
      text.append("\n").append(name).append(":").append(value.reveal());
    return text;
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
    for (const auto& [name, value] : options_.headers) {
      std::erase_if(x.headers, [&name = name](const auto& header) {
        return same_name(header.first, name);
      });
      x.headers.emplace_back(name, value.reveal());
    }
    return x;
  }

  void renew() {
    endpoint_.renew();
    options_.hmac_key.renew();
    for (auto& [name, value] : options_.headers) {
      auto fresh = value;
      fresh.renew();
      if (is_header_value(fresh.reveal()))
        value = std::move(fresh);
    }
  }

  http_endpoint endpoint_;
  webhook_options options_;
};

header_list read_headers(config::section& options) {
  header_list headers;
  for (auto& [name, value] : options.table_of_secrets("headers")) {
    if (!is_header_name(name))
      options.mistake("headers", "'" + one_line(name, 64)
                                   + "' is not the name of a header");
    else if (!is_header_value(value.reveal()))
      options.mistake("headers", "the value of '" + name
                                   + "' has a line break or another control "
                                     "character");
    headers.emplace_back(std::move(name), renewable_secret{std::move(value)});
  }
  return headers;
}

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
  made.headers = read_headers(options);
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
