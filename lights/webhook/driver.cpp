// Any lamp with an HTTP interface: a request made by templates.
#include "lights/driver.hpp"

#include "endpoints/http_endpoint.hpp"
#include "endpoints/http_headers.hpp"
#include "lights/answers.hpp"
#include "lights/command_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::lights {

driver_ptr make_webhook(config::section& options);

namespace {

constexpr std::array<std::string_view, 4> methods{"POST", "PUT", "PATCH",
                                                  "GET"};
constexpr std::string_view default_body =
  R"({"state":"{{state}}","color":"{{hex}}","brightness":{{percent}}})";

struct lamp_options {
  std::string method;
  http_headers headers;
  std::optional<command_template> url;
  std::optional<command_template> body; ///< Absent: the request has none.
};

result<command_template> url_template(const http_endpoint& endpoint) {
  return command_template::parse(endpoint.request("GET", {}).url,
                                 command_template::values::for_url);
}

class webhook_lamp final : public driver {
public:
  webhook_lamp(http_endpoint endpoint, lamp_options options)
    : endpoint_(std::move(endpoint)), options_(std::move(options)) {
    // nop
  }

  [[nodiscard]] capabilities can() const override {
    // Whoever wants to hear of effects can do them.
    const auto by_itself = options_.url->uses("effect")
                           || (options_.body && options_.body->uses("effect"));
    return {
      .max_rate = 5, .burst = 1, .blinks = by_itself, .pulses = by_itself};
  }

  transport_choice open_transport() override {
    return use_http{};
  }

  std::vector<delivery_request> shape(const command& x,
                                      const command*) override {
    auto request = endpoint_.request(options_.method, {});
    request.url = options_.url->render(x);
    if (options_.body) {
      request.headers.emplace_back("Content-Type", "application/json");
      request.body = options_.body->render(x);
    }
    options_.headers.add_to(request);
    return {std::move(request)};
  }

  verdict judge(const delivery_answer& answer, wall_time now) override {
    const auto& heard = std::get<http_answer>(answer);
    auto x = judge_answer(heard, now);
    if (!is_refusal(heard))
      return x;
    renew();
    x.reason += x.what == outcome::destination_fault
                  ? "; check url and headers"
                  : "; check method, url and body";
    return x;
  }

private:
  void renew() {
    endpoint_.renew();
    options_.headers.renew();
    if (auto url = url_template(endpoint_))
      options_.url = std::move(*url);
  }

  http_endpoint endpoint_;
  lamp_options options_;
};

void read_body(config::section& options, lamp_options& made) {
  if (made.method != "GET") {
    if (options.text_or_file("body", std::string{default_body}).empty())
      return;
    made.body = read_template(options, "body", default_body);
  } else if (!options.text_or_file("body").empty()) {
    options.mistake("body", "is not for GET: put the fields into the url, or "
                            "use POST, PUT or PATCH");
  }
}

/// Never quotes the URL, which may hold a secret.
void read_url(config::section& options, const http_endpoint& endpoint,
              lamp_options& made) {
  if (auto url = url_template(endpoint))
    made.url = std::move(*url);
  else
    options.mistake(
      options.has("url") ? "url" : "url_file",
      fmt::format("has a field that no command has, or braces that do not "
                  "match; the fields are {}",
                  fmt::join(command_template::field_names(), ", ")));
}

} // namespace

driver_ptr make_webhook(config::section& options) {
  auto endpoint = http_endpoint::read(options, {}, std::chrono::seconds(5));
  lamp_options made;
  made.method = methods.at(options.choice(
    "method", 0, {methods[0], methods[1], methods[2], methods[3]}));
  made.headers = http_headers::read(options, "headers");
  read_body(options, made);
  if (!endpoint)
    return nullptr;
  read_url(options, *endpoint, made);
  if (!options.good())
    return nullptr;
  if (!made.url->has_fields() && !(made.body && made.body->has_fields()))
    options.mistake("", "the lamp hears the same whether it is lit or dark: "
                        "put a {{field}} into url or body");
  if (!options.good())
    return nullptr;
  return std::make_unique<webhook_lamp>(std::move(*endpoint), std::move(made));
}

} // namespace signalbox::lights
