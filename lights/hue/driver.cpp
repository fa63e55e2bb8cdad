// Philips Hue: lamps and groups behind a bridge, by its old interface (v1) or
// its new one (v2).
#include "lights/driver.hpp"

#include "endpoints/http_endpoint.hpp"
#include "endpoints/options.hpp"
#include "endpoints/url.hpp"
#include "lights/answers.hpp"
#include "lights/hue/answer.hpp"
#include "lights/hue/body.hpp"
#include "lights/hue/ids.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace signalbox::lights {

driver_ptr make_hue(config::section& options);

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 2s;
constexpr std::size_t bridge_id_length = 16; // hexadecimal digits of an EUI-64

// The manual's: "10 commands a second to lights, 1 to groups". The bridge's is
// for all apps that use it.
constexpr double light_rate = 5;
constexpr double group_rate = 1;
constexpr double bridge_rate = 10;
constexpr double bridge_burst = 2;

constexpr std::array gamuts{hue::gamut_a, hue::gamut_b, hue::gamut_c};

/// Whom to tell.
struct lamp {
  bool is_group = false;
  std::string id; ///< A number in v1, a UUID in v2.
};

struct hue_options {
  bool v2 = true;
  renewable_secret key;
  lamp whom;
  std::string bridge_id; ///< Lower case; empty: not known.
  gamut range = hue::gamut_c;
};

class hue_lamp final : public driver {
public:
  hue_lamp(http_endpoint endpoint, hue_options options)
    : endpoint_(std::move(endpoint)), options_(std::move(options)) {
    // nop
  }

  // The engine blinks, also where v2 could (`signaling`): that knows neither
  // period nor brightness, and not all lamps have it.
  [[nodiscard]] capabilities can() const override {
    const auto rate = options_.whom.is_group ? group_rate : light_rate;
    return {.max_rate = rate, .burst = rate};
  }

  [[nodiscard]] bridge hangs_on() const override {
    return {options_.bridge_id.empty() ? endpoint_.account()
                                       : "hue " + options_.bridge_id,
            bridge_rate, bridge_burst};
  }

  transport_choice open_transport() override {
    return use_http{};
  }

  std::vector<delivery_request> shape(const command& x,
                                      const command* shown) override {
    const auto told = hue::parts_of(x, shown, options_.range);
    auto request = endpoint_.request("PUT", path());
    request.headers = {{"Content-Type", "application/json"}};
    if (options_.v2)
      request.headers.emplace_back("hue-application-key",
                                   options_.key.reveal());
    request.body = options_.v2 ? hue::v2_body(told) : hue::v1_body(told);
    if (!options_.bridge_id.empty())
      call_by_id(request);
    return {std::move(request)};
  }

  verdict judge(const delivery_answer& answer, wall_time now) override {
    auto said = std::get<http_answer>(answer);
    hue::hide_key(said.body, options_.key.reveal());
    auto x = options_.v2 ? hue::judge_v2(said, now) : hue::judge_v1(said, now);
    // In v1 an unknown key comes with 200.
    if (x.what == outcome::destination_fault || is_refusal(said))
      renew();
    return x;
  }

private:
  [[nodiscard]] std::string path() const {
    const auto& [is_group, id] = options_.whom;
    if (options_.v2)
      return fmt::format("/clip/v2/resource/{}/{}",
                         is_group ? "grouped_light" : "light", id);
    return fmt::format("/api/{}/{}/{}/{}", options_.key.reveal(),
                       is_group ? "groups" : "lights", id,
                       is_group ? "action" : "state");
  }

  /// Over TLS the bridge is called by its id, which its certificate names.
  void call_by_id(http_request& x) const {
    const auto url = parse_url(x.url);
    if (!url || url->scheme != "https")
      return;
    const auto port = url->port == 0 ? 443 : url->port;
    const auto is_v6 = url->host.find(':') != std::string::npos;
    x.connect_to = fmt::format("{}{}{}:{}", is_v6 ? "[" : "", url->host,
                               is_v6 ? "]" : "", port);
    x.url =
      fmt::format("https://{}:{}{}", options_.bridge_id, port, url->target);
  }

  void renew() {
    endpoint_.renew();
    auto fresh = options_.key;
    fresh.renew();
    if (hue::is_key(fresh.reveal()))
      options_.key = std::move(fresh);
  }

  http_endpoint endpoint_;
  hue_options options_;
};

std::string lower(std::string x) {
  for (auto& c : x)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return x;
}

constexpr std::string_view wants_uuid =
  "must be a UUID in quotes, such as "
  "\"3883f8bf-30a3-445b-ac06-b047d50599df\"; numbers are for api = \"v1\"";

lamp read_lamp(config::section& options, bool v2) {
  lamp x;
  x.is_group = options.has("group");
  const std::string_view key = x.is_group ? "group" : "light";
  if (!options.has(key)) {
    options.mistake("light", "is required: the lamp, which 'signalbox lights "
                             "pair hue' lists; or group = a room or zone");
    return x;
  }
  if (x.is_group && options.has("light")) {
    options.mistake("light", "'group' is there, too; keep one of them");
    options.text("light");
  }
  if (!v2) {
    // Group 0 is all lamps.
    x.id = std::to_string(options.integer(key, 0, x.is_group ? 0 : 1, 65'535));
    return x;
  }
  // Said before `text` complains of a number: the first mistake counts.
  if (options.shown(key) == "''")
    options.mistake(key, std::string{wants_uuid});
  x.id = lower(options.text(key));
  if (!hue::is_uuid(x.id))
    options.mistake(key, std::string{wants_uuid});
  return x;
}

renewable_secret read_key(config::section& options) {
  auto key = options.secret_text("key");
  const auto where = options.has("key_file") ? "key_file" : "key";
  if (key.empty())
    options.mistake(where, "is required: who we are to the bridge; 'signalbox "
                           "lights pair hue' gets one");
  else if (!hue::is_key(key.reveal()))
    options.mistake(where, "is not a bridge's key, which is of letters, digits "
                           "and '-'");
  return renewable_secret{std::move(key)};
}

std::string read_bridge_id(config::section& options) {
  auto x = lower(options.text("bridge_id"));
  if (!x.empty() && (x.size() != bridge_id_length || !hue::is_hex(x)))
    options.mistake("bridge_id", "must be 16 hexadecimal digits, as in the "
                                 "app and on the bridge's back");
  return x;
}

} // namespace

driver_ptr make_hue(config::section& options) {
  auto endpoint = http_endpoint::read(options, {}, patience);
  hue_options made;
  made.v2 = options.choice("api", 0, {"v2", "v1"}) == 0;
  made.key = read_key(options);
  made.whom = read_lamp(options, made.v2);
  made.bridge_id = read_bridge_id(options);
  made.range = gamuts.at(options.choice("gamut", 2, {"A", "B", "C"}));
  if (!endpoint || !options.good())
    return nullptr;
  endpoint->pass_proxies();
  return std::make_unique<hue_lamp>(std::move(*endpoint), std::move(made));
}

} // namespace signalbox::lights
