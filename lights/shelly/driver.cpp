// Shelly's devices of the second generation and later, by JSON-RPC
// (shelly-api-docs.shelly.cloud, "Gen2+").
#include "lights/driver.hpp"

#include "endpoints/http_endpoint.hpp"
#include "lights/http_options.hpp"
#include "lights/shelly/answer.hpp"
#include "lights/shelly/component.hpp"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::lights {

driver_ptr make_shelly(config::section& options);

namespace {

class shelly_lamp final : public driver {
public:
  shelly_lamp(http_endpoint endpoint, shelly::component part, lamp_login login)
    : endpoint_(std::move(endpoint)), part_(part), login_(std::move(login)) {
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
    auto request = endpoint_.request("POST", "/rpc");
    request.headers = {{"Content-Type", "application/json"}};
    request.body = fmt::format(R"({{"id":1,"method":"{}","params":{}}})",
                               part_.method(), part_.params(x));
    if (!login_.password.empty())
      request.login = http_login{login_.user, login_.password.reveal()};
    return {std::move(request)};
  }

  verdict judge(const delivery_answer& answer, wall_time now) override {
    const auto& heard = std::get<http_answer>(answer);
    if (heard.status == 401)
      login_.password.renew();
    return shelly::judge(heard, part_, !login_.password.empty(), now);
  }

private:
  http_endpoint endpoint_;
  shelly::component part_;
  lamp_login login_;
};

} // namespace

driver_ptr make_shelly(config::section& options) {
  auto endpoint = read_lan_endpoint(options, std::chrono::seconds(2));
  const auto part =
    shelly::component::parse(options.text("component", "rgb:0"));
  if (!part)
    options.mistake("component", part.error().what);
  auto login = read_login(options);
  if (!endpoint || !options.good())
    return nullptr;
  return std::make_unique<shelly_lamp>(std::move(*endpoint), *part,
                                       std::move(login));
}

} // namespace signalbox::lights
