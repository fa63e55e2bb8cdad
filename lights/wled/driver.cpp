// WLED: its JSON interface, or pixels by UDP. Source: WLED's documentation,
// "JSON API" and "UDP realtime".
#include "lights/driver.hpp"

#include "endpoints/http_endpoint.hpp"
#include "endpoints/url.hpp"
#include "lights/answers.hpp"
#include "lights/datagram_writer.hpp"
#include "lights/http_options.hpp"
#include "lights/wled/pixels.hpp"
#include "lights/wled_words.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace signalbox::lights {

driver_ptr make_wled(config::section& options);

namespace {

constexpr std::size_t max_answer = 4'096;  // {"success":true}, or a state
constexpr std::int64_t most_segments = 64; // of the largest chips

class json_lamp final : public driver {
public:
  /// @param segment Null: the strip as a whole is the lamp.
  json_lamp(http_endpoint endpoint, std::optional<std::int64_t> segment)
    : endpoint_(std::move(endpoint)), segment_(segment) {
    // nop
  }

  [[nodiscard]] capabilities can() const override {
    return {.max_rate = 5, .burst = 1, .blinks = true, .pulses = true};
  }

  /// Its segments are lamps of their own, but one small chip serves them all.
  [[nodiscard]] bridge hangs_on() const override {
    return {"wled " + endpoint_.account(), 5, 1};
  }

  transport_choice open_transport() override {
    return use_http{};
  }

  std::vector<delivery_request> shape(const command& x,
                                      const command*) override {
    auto request = endpoint_.request("POST", "/json/state");
    request.headers = {{"Content-Type", "application/json"}};
    request.max_answer = max_answer;
    request.body = wled::state_of(x, segment_);
    return {std::move(request)};
  }

  verdict judge(const delivery_answer& answer, wall_time now) override {
    const auto& http = std::get<http_answer>(answer);
    auto x = judge_answer(http, now);
    if (x.what == outcome::delivered)
      return judge_body(http.body);
    if (http.status == 0)
      x.reason += "; is it switched on, and is this WLED's address?";
    else if (http.status == 401 || http.status == 403)
      x.reason += "; WLED is locked: unlock its settings, or remove the PIN";
    else if (http.status == 404)
      x.reason += "; this is no WLED, or one before 0.8.4: check the url";
    if (is_refusal(http))
      endpoint_.renew();
    return x;
  }

private:
  /// `{"success":true}`, a state, or `{"error":3}`, which is busy.
  static verdict judge_body(const std::string& body) {
    const simdjson::padded_string text{body};
    simdjson::dom::parser parser;
    simdjson::dom::object root;
    if (parser.parse(text).get(root) != simdjson::SUCCESS)
      return not_yet("the answer is not WLED's: check the url");
    std::int64_t error = 0;
    if (root["error"].get(error) != simdjson::SUCCESS || error == 0)
      return {};
    if (error == 1)
      return owners_fault("WLED is locked (error 1): unlock its settings, or "
                          "remove the PIN");
    return {
      outcome::retry, fmt::format("WLED is busy (error {})", error), {}, 0};
  }

  http_endpoint endpoint_;
  std::optional<std::int64_t> segment_;
};

class realtime_lamp final : public driver {
public:
  realtime_lamp(net::datagram_options to, std::size_t leds)
    : to_(std::move(to)), leds_(leds) {
    // nop
  }

  [[nodiscard]] capabilities can() const override {
    return {.max_rate = 30, .burst = 1, .reassert = std::chrono::seconds(2)};
  }

  transport_choice open_transport() override {
    return std::make_unique<datagram_writer>(to_);
  }

  std::vector<delivery_request> shape(const command& x,
                                      const command*) override {
    const auto color =
      x.what == show::off ? rgb{} : scaled(x.color.mix, x.brightness);
    std::vector<delivery_request> out;
    for (auto& bytes : wled::pixels(color, leds_, hold))
      out.emplace_back(write_request{std::move(bytes)});
    return out;
  }

  verdict judge(const delivery_answer& answer, wall_time) override {
    auto x = judge_write(std::get<write_answer>(answer));
    if (x.what != outcome::delivered)
      x.reason += "; is WLED switched on, and its UDP realtime reception?";
    return x;
  }

private:
  /// Seconds: when the engine is gone, the strip returns to its own mode.
  static constexpr std::uint8_t hold = 5;

  net::datagram_options to_;
  std::size_t leds_;
};

driver_ptr make_json(config::section& options) {
  auto endpoint = read_lan_endpoint(options, std::chrono::seconds(1));
  std::optional<std::int64_t> segment;
  if (options.has("segment"))
    segment = options.integer("segment", 0, 0, most_segments - 1);
  if (options.has("leds"))
    options.mistake("leds", "is for udp:// only: by http WLED itself knows how "
                            "many there are");
  if (!endpoint || !options.good())
    return nullptr;
  return std::make_unique<json_lamp>(std::move(*endpoint), segment);
}

driver_ptr make_realtime(config::section& options, const url_parts& url) {
  const auto leds =
    options.integer("leds", 1, 1, static_cast<std::int64_t>(wled::most_pixels));
  if (options.has("segment"))
    options.mistake("segment", "is for http:// only: by udp the strip is one");
  if (!options.good())
    return nullptr;
  return std::make_unique<realtime_lamp>(
    net::datagram_options{
      .host = url.host, .port = url.port == 0 ? wled::realtime_port : url.port},
    static_cast<std::size_t>(leds));
}

} // namespace

driver_ptr make_wled(config::section& options) {
  const auto text = options.secret_text("url");
  const auto url = parse_url(text.reveal());
  if (url && url->scheme == "udp") {
    refuse_path(options, *url);
    return make_realtime(options, *url);
  }
  if (url && url->scheme != "http" && url->scheme != "https") {
    options.mistake(options.has("url") ? "url" : "url_file",
                    "the URL must start with http:// or udp://");
    return nullptr;
  }
  return make_json(options);
}

} // namespace signalbox::lights
