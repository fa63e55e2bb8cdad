// Nanoleaf's panels by their local interface (Nanoleaf OpenAPI, "State").
#include "lights/driver.hpp"

#include "endpoints/http_endpoint.hpp"
#include "endpoints/options.hpp"
#include "lights/answers.hpp"
#include "lights/command_values.hpp"
#include "lights/http_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::lights {

driver_ptr make_nanoleaf(config::section& options);

namespace {

using namespace std::chrono_literals;

constexpr auto lowest_ct = 1200; // kelvin
constexpr auto highest_ct = 6500;

/// It becomes part of a path.
bool is_token(std::string_view x) {
  return !x.empty() && std::ranges::all_of(x, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
           || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
  });
}

/// As members of the state.
std::string color_of(const color& x) {
  if (x.kelvin > 0)
    return fmt::format(R"("ct":{{"value":{}}})",
                       std::clamp<int>(x.kelvin, lowest_ct, highest_ct));
  const auto [h, s, v] = hsv_of(x.mix);
  return fmt::format(R"("hue":{{"value":{}}},"sat":{{"value":{}}})",
                     std::lround(h) % 360, std::lround(s * 100));
}

class nanoleaf_lamp final : public driver {
public:
  nanoleaf_lamp(http_endpoint endpoint, renewable_secret token)
    : endpoint_(std::move(endpoint)), token_(std::move(token)) {
    // nop
  }

  [[nodiscard]] capabilities can() const override {
    return {.max_rate = 5, .burst = 1};
  }

  transport_choice open_transport() override {
    return use_http{};
  }

  std::vector<delivery_request> shape(const command& x,
                                      const command*) override {
    auto request =
      endpoint_.request("PUT", "/api/v1/" + token_.reveal() + "/state");
    request.headers = {{"Content-Type", "application/json"}};
    request.body = R"({"on":{"value":false}})";
    if (x.what != show::off)
      request.body = fmt::format(
        R"({{"on":{{"value":true}},{},"brightness":{{"value":{},)"
        R"("duration":{}}}}})",
        color_of(x.color), steps_of(brightness_of(x), 100),
        std::chrono::ceil<std::chrono::seconds>(transition_of(x)).count());
    return {std::move(request)};
  }

  verdict judge(const delivery_answer& answer, wall_time now) override {
    const auto& heard = std::get<http_answer>(answer);
    if (heard.status == 401 || heard.status == 403) {
      renew();
      return owners_fault(fmt::format(
        "the Nanoleaf does not know this token (HTTP {}): pair again (hold its "
        "power button for 5 to 7 seconds, then POST to /api/v1/new within 30 "
        "seconds), and set token",
        heard.status));
    }
    if (heard.status == 404)
      return not_yet("there is no Nanoleaf at this url (HTTP 404): it is "
                     "http://<address>:16021, without a path");
    return judge_answer(heard, now);
  }

private:
  void renew() {
    auto fresh = token_;
    fresh.renew();
    if (is_token(fresh.reveal()))
      token_ = std::move(fresh);
  }

  http_endpoint endpoint_;
  renewable_secret token_;
};

} // namespace

driver_ptr make_nanoleaf(config::section& options) {
  auto endpoint = read_lan_endpoint(options, 2s);
  renewable_secret token{options.secret_text("token")};
  if (token.empty())
    options.mistake("token", "is required: what POST /api/v1/new gave, or "
                             "token_file = the file that holds it");
  else if (!is_token(token.reveal()))
    options.mistake(options.has("token") ? "token" : "token_file",
                    "has a character that no token has: it is letters and "
                    "digits only");
  if (!endpoint || !options.good())
    return nullptr;
  return std::make_unique<nanoleaf_lamp>(std::move(*endpoint),
                                         std::move(token));
}

} // namespace signalbox::lights
