// Tasmota's lamps by HTTP (tasmota.github.io, "Commands", With Web requests).
#include "lights/driver.hpp"

#include "endpoints/http_endpoint.hpp"
#include "endpoints/options.hpp"
#include "endpoints/url.hpp"
#include "lights/answers.hpp"
#include "lights/tasmota_words.hpp"

#include <simdjson.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::lights {

driver_ptr make_tasmota(config::section& options);

namespace {

verdict judge_body(std::string_view body, const verdict& refused) {
  simdjson::dom::parser parser;
  simdjson::dom::object answer;
  if (parser.parse(body.data(), body.size()).get(answer) != simdjson::SUCCESS)
    return owners_fault("the answer is not Tasmota's: check url");
  std::string_view words;
  // Other warnings only say that nobody waits for a result.
  if (answer["WARNING"].get(words) == simdjson::SUCCESS
      && words.starts_with("Need user"))
    return refused;
  if (answer["Command"].get(words) == simdjson::SUCCESS)
    return owners_fault("this Tasmota does not know the command: is it set up "
                        "as a lamp with colors?");
  return {};
}

class tasmota_lamp final : public driver {
public:
  tasmota_lamp(http_endpoint endpoint, std::string user,
               renewable_secret password)
    : endpoint_(std::move(endpoint)),
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
    std::string path = "/cm?";
    if (!password_.empty())
      path += "user=" + percent_encoded(user_)
              + "&password=" + percent_encoded(password_.reveal()) + "&";
    path += "cmnd=" + percent_encoded(
              std::string{tasmota::backlog} + " " + tasmota::commands_of(x));
    return {endpoint_.request("GET", path)};
  }

  verdict judge(const delivery_answer& answer, wall_time now) override {
    const auto& heard = std::get<http_answer>(answer);
    const auto refused = owners_fault(
      password_.empty() ? "the Tasmota asks for a password: set password (and "
                          "user, unless it is admin), or password_file"
                        : "the Tasmota refuses user and password: set them as "
                          "under Configuration, Configure Other there");
    auto x = heard.status == 401   ? refused
             : heard.status == 200 ? judge_body(heard.body, refused)
                                   : judge_status(heard, now);
    if (heard.status == 404)
      x.reason = "there is no /cm at this url (HTTP 404): is it a Tasmota's, "
                 "without a path, with its web server on?";
    if (x.what == outcome::destination_fault)
      password_.renew();
    return x;
  }

private:
  http_endpoint endpoint_;
  std::string user_;
  renewable_secret password_;
};

} // namespace

driver_ptr make_tasmota(config::section& options) {
  auto endpoint = http_endpoint::read(options, {}, std::chrono::seconds(2));
  auto user = options.text("user", "admin");
  renewable_secret password{options.secret_text("password")};
  if (password.empty() && options.has("user"))
    options.mistake("user", "needs a password, or password_file");
  if (!endpoint || !options.good())
    return nullptr;
  return std::make_unique<tasmota_lamp>(std::move(*endpoint), std::move(user),
                                        std::move(password));
}

} // namespace signalbox::lights
