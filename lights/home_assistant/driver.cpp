// Home Assistant's REST interface (developers.home-assistant.io, "REST API";
// home-assistant.io, "Light").
#include "lights/driver.hpp"

#include "endpoints/http_endpoint.hpp"
#include "endpoints/options.hpp"
#include "endpoints/url.hpp"
#include "lights/answers.hpp"
#include "lights/command_values.hpp"
#include "lights/http_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::lights {

driver_ptr make_home_assistant(config::section& options);

namespace {

constexpr std::string_view domain = "light.";

/// "light.desk": lower case, digits, underscores.
bool is_light(std::string_view entity) {
  return entity.starts_with(domain) && entity.size() > domain.size()
         && std::ranges::all_of(entity.substr(domain.size()), [](char x) {
              return (x >= 'a' && x <= 'z') || (x >= '0' && x <= '9')
                     || x == '_';
            });
}

/// As a member of the service's data. What a lamp cannot do, Home Assistant
/// translates.
std::string color_of(const color& x) {
  if (x.kelvin > 0)
    return fmt::format(R"("color_temp_kelvin":{})", x.kelvin);
  if (x.point)
    return fmt::format(R"("xy_color":[{:.4f},{:.4f}])", x.point->x, x.point->y);
  const auto [r, g, b] = at_full_strength(x.mix);
  return fmt::format(R"("rgb_color":[{},{},{}])", r, g, b);
}

class home_assistant_lamp final : public driver {
public:
  home_assistant_lamp(http_endpoint endpoint, renewable_secret token,
                      std::string entity)
    : endpoint_(std::move(endpoint)),
      token_(std::move(token)),
      entity_(std::move(entity)) {
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
    const auto lit = x.what != show::off;
    auto request =
      endpoint_.request("POST", lit ? "/api/services/light/turn_on"
                                    : "/api/services/light/turn_off");
    request.headers = {{"Authorization", "Bearer " + token_.reveal()},
                       {"Content-Type", "application/json"}};
    request.body = fmt::format(R"({{"entity_id":"{}")", entity_);
    if (lit)
      request.body += fmt::format(
        R"(,{},"brightness_pct":{},"transition":{})", color_of(x.color),
        steps_of(brightness_of(x), 100), seconds_text(transition_of(x)));
    request.body += '}';
    return {std::move(request)};
  }

  verdict judge(const delivery_answer& answer, wall_time now) override {
    const auto& heard = std::get<http_answer>(answer);
    if (is_refusal(heard))
      token_.renew();
    switch (heard.status) {
    case 400:
      return not_yet(
        fmt::format("Home Assistant refuses the request for {}: {}", entity_,
                    judge_http(heard, now).reason));
    case 401:
      return owners_fault(
        "Home Assistant does not know this token (HTTP 401): make a long-lived "
        "access token on your profile's page there, and set token");
    case 403:
      return owners_fault(
        "Home Assistant does not let us in (HTTP 403): has it banned this "
        "address (ip_bans.yaml), or may the token's user not use lights?");
    case 404:
      return not_yet(
        "there is no service 'light' at this url (HTTP 404): is it Home "
        "Assistant's own, and is there any light?");
    default:
      break;
    }
    auto x = judge_answer(heard, now);
    // The states that changed: none if the lamp shows it already.
    if (x.what == outcome::delivered && !heard.body.starts_with('['))
      return not_yet("the answer is not Home Assistant's: check url");
    return x;
  }

private:
  http_endpoint endpoint_;
  renewable_secret token_;
  std::string entity_;
};

} // namespace

driver_ptr make_home_assistant(config::section& options) {
  // It answers when the lamp has.
  auto endpoint = http_endpoint::read(options, {}, std::chrono::seconds(10));
  renewable_secret token{options.secret_text("token")};
  auto entity = options.text("entity");
  if (token.empty())
    options.mistake("token", "is required: a long-lived access token of Home "
                             "Assistant, or token_file = the file that holds "
                             "it");
  if (entity.empty())
    options.require("entity");
  else if (!is_light(entity))
    options.mistake("entity", "is not the id of a light, such as "
                              "\"light.desk\"");
  // A proxy may serve it below a path.
  if (endpoint)
    if (const auto url = parse_url(endpoint->request("GET", {}).url))
      refuse_query(options, *url);
  if (!endpoint || !options.good())
    return nullptr;
  return std::make_unique<home_assistant_lamp>(
    std::move(*endpoint), std::move(token), std::move(entity));
}

} // namespace signalbox::lights
