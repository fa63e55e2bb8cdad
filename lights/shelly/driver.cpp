// Shelly's devices of the second generation and later, by JSON-RPC
// (shelly-api-docs.shelly.cloud, "Gen2+").
#include "lights/driver.hpp"

#include "endpoints/http_endpoint.hpp"
#include "endpoints/options.hpp"
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
  shelly_lamp(http_endpoint endpoint, shelly::component part, std::string user,
              renewable_secret password)
    : endpoint_(std::move(endpoint)),
      part_(part),
      user_(std::move(user)),
      password_(std::move(password)) {
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
    if (!password_.empty())
      request.login = http_login{user_, password_.reveal()};
    return {std::move(request)};
  }

  verdict judge(const delivery_answer& answer, wall_time now) override {
    const auto& heard = std::get<http_answer>(answer);
    if (heard.status == 401)
      password_.renew();
    return shelly::judge(heard, part_, !password_.empty(), now);
  }

private:
  http_endpoint endpoint_;
  shelly::component part_;
  std::string user_;
  renewable_secret password_;
};

} // namespace

driver_ptr make_shelly(config::section& options) {
  auto endpoint = http_endpoint::read(options, {}, std::chrono::seconds(2));
  const auto part =
    shelly::component::parse(options.text("component", "rgb:0"));
  if (!part)
    options.mistake("component", part.error().what);
  auto user = options.text("user", "admin");
  renewable_secret password{options.secret_text("password")};
  if (password.empty() && options.has("user"))
    options.mistake("user", "needs a password, or password_file");
  if (!endpoint || !options.good())
    return nullptr;
  return std::make_unique<shelly_lamp>(std::move(*endpoint), *part,
                                       std::move(user), std::move(password));
}

} // namespace signalbox::lights
