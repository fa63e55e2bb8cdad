// Tasmota's lamps by HTTP (tasmota.github.io, "Commands", With Web requests).
#include "lights/driver.hpp"

#include "endpoints/http_endpoint.hpp"
#include "endpoints/url.hpp"
#include "lights/answers.hpp"
#include "lights/http_options.hpp"
#include "lights/tasmota_words.hpp"

#include <fmt/format.h>
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
    return not_yet("the answer is not Tasmota's: check url");
  std::string_view words;
  // Other warnings only say that nobody waits for a result.
  if (answer["WARNING"].get(words) == simdjson::SUCCESS
      && words.starts_with("Need user"))
    return refused;
  if (answer["Command"].get(words) == simdjson::SUCCESS)
    return not_yet("this Tasmota does not know the command: is it set up "
                   "as a lamp with colors?");
  return {};
}

class tasmota_lamp final : public driver {
public:
  tasmota_lamp(http_endpoint endpoint, lamp_login login)
    : endpoint_(std::move(endpoint)), login_(std::move(login)) {
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
    if (!login_.password.empty())
      path += fmt::format("user={}&password={}&", percent_encoded(login_.user),
                          percent_encoded(login_.password.reveal()));
    path += "cmnd="
            + percent_encoded(
              fmt::format("{} {}", tasmota::backlog, tasmota::commands_of(x)));
    return {endpoint_.request("GET", path)};
  }

  verdict judge(const delivery_answer& answer, wall_time now) override {
    const auto& heard = std::get<http_answer>(answer);
    const auto refused =
      owners_fault(login_.password.empty()
                     ? "the Tasmota asks for a password: set password (and "
                       "user, unless it is admin), or password_file"
                     : "the Tasmota refuses user and password: set them as "
                       "under Configuration, Configure Other there");
    auto x = heard.status == 401   ? refused
             : heard.status == 200 ? judge_body(heard.body, refused)
                                   : judge_answer(heard, now);
    if (heard.status == 404)
      x.reason = "there is no /cm at this url (HTTP 404): is it a Tasmota's, "
                 "without a path, with its web server on?";
    if (x.what == outcome::destination_fault)
      login_.password.renew();
    return x;
  }

private:
  http_endpoint endpoint_;
  lamp_login login_;
};

} // namespace

driver_ptr make_tasmota(config::section& options) {
  auto endpoint = read_lan_endpoint(options, std::chrono::seconds(2));
  auto login = read_login(options);
  if (!endpoint || !options.good())
    return nullptr;
  return std::make_unique<tasmota_lamp>(std::move(*endpoint), std::move(login));
}

} // namespace signalbox::lights
